/** The CSS variables of three themes, as VS Code sets them on a webview's root; chosen by the class of the body. */

const font = `
  --vscode-font-family: system-ui, "DejaVu Sans", sans-serif; --vscode-font-size: 13px; --vscode-font-weight: normal;
  --vscode-editor-font-family: "DejaVu Sans Mono", monospace; --vscode-editor-font-size: 12px;`;

const dark = `${font}
  --vscode-editor-background: #1f1f1f; --vscode-editor-foreground: #cccccc; --vscode-foreground: #cccccc;
  --vscode-descriptionForeground: #9d9d9d; --vscode-errorForeground: #f85149; --vscode-focusBorder: #0078d4;
  --vscode-icon-foreground: #cccccc; --vscode-panel-border: #2b2b2b; --vscode-toolbar-hoverBackground: rgba(90, 93, 94, 0.31);
  --vscode-inputOption-activeBackground: #2489db82; --vscode-inputOption-activeForeground: #ffffff;
  --vscode-inputOption-activeBorder: #2488db; --vscode-badge-background: #616161; --vscode-badge-foreground: #f8f8f8;
  --vscode-button-background: #0078d4; --vscode-button-foreground: #ffffff; --vscode-button-hoverBackground: #026ec1;
  --vscode-button-border: #ffffff12; --vscode-button-secondaryBackground: #313131; --vscode-button-secondaryForeground: #cccccc;
  --vscode-button-secondaryHoverBackground: #3c3c3c; --vscode-settings-headerForeground: #ffffff;
  --vscode-settings-textInputBackground: #313131; --vscode-settings-textInputForeground: #cccccc;
  --vscode-settings-textInputBorder: #3c3c3c; --vscode-settings-dropdownBackground: #313131;
  --vscode-settings-dropdownForeground: #cccccc; --vscode-settings-dropdownBorder: #3c3c3c;
  --vscode-settings-rowHoverBackground: rgba(255, 255, 255, 0.03); --vscode-input-placeholderForeground: #989898;
  --vscode-inputValidation-errorBackground: #5a1d1d; --vscode-inputValidation-errorBorder: #be1100;
  --vscode-inputValidation-warningBorder: #b89500; --vscode-inputValidation-infoBackground: #063b49;
  --vscode-inputValidation-infoBorder: #007acc; --vscode-problemsErrorIcon-foreground: #f14c4c;
  --vscode-problemsWarningIcon-foreground: #cca700; --vscode-problemsInfoIcon-foreground: #3794ff;
  --vscode-textLink-foreground: #4daafc; --vscode-textLink-activeForeground: #4daafc;
  --vscode-editorLightBulb-foreground: #ffcc00; --vscode-editorLineNumber-foreground: #6e7681;
  --vscode-editorLineNumber-activeForeground: #cccccc; --vscode-editor-selectionHighlightBackground: rgba(173, 214, 255, 0.15);
  --vscode-debugTokenExpression-name: #4a90e2; --vscode-debugTokenExpression-string: #ce9178;
  --vscode-debugTokenExpression-number: #b5cea8; --vscode-debugTokenExpression-boolean: #4e94ce;`;

const light = `${font}
  --vscode-editor-background: #ffffff; --vscode-editor-foreground: #3b3b3b; --vscode-foreground: #3b3b3b;
  --vscode-descriptionForeground: #616161; --vscode-errorForeground: #f85149; --vscode-focusBorder: #005fb8;
  --vscode-icon-foreground: #3b3b3b; --vscode-panel-border: #e5e5e5; --vscode-toolbar-hoverBackground: rgba(184, 184, 184, 0.31);
  --vscode-inputOption-activeBackground: #bed6ed; --vscode-inputOption-activeForeground: #000000;
  --vscode-inputOption-activeBorder: #005fb8; --vscode-badge-background: #cccccc; --vscode-badge-foreground: #3b3b3b;
  --vscode-button-background: #005fb8; --vscode-button-foreground: #ffffff; --vscode-button-hoverBackground: #0258a8;
  --vscode-button-border: #0000001a; --vscode-button-secondaryBackground: #e5e5e5; --vscode-button-secondaryForeground: #3b3b3b;
  --vscode-button-secondaryHoverBackground: #cccccc; --vscode-settings-headerForeground: #1f1f1f;
  --vscode-settings-textInputBackground: #ffffff; --vscode-settings-textInputForeground: #3b3b3b;
  --vscode-settings-textInputBorder: #cecece; --vscode-settings-dropdownBackground: #ffffff;
  --vscode-settings-dropdownForeground: #3b3b3b; --vscode-settings-dropdownBorder: #cecece;
  --vscode-settings-rowHoverBackground: rgba(0, 0, 0, 0.03); --vscode-input-placeholderForeground: #767676;
  --vscode-inputValidation-errorBackground: #f2dede; --vscode-inputValidation-errorBorder: #be1100;
  --vscode-inputValidation-warningBorder: #b89500; --vscode-inputValidation-infoBackground: #d6ecf2;
  --vscode-inputValidation-infoBorder: #007acc; --vscode-problemsErrorIcon-foreground: #e51400;
  --vscode-problemsWarningIcon-foreground: #bf8803; --vscode-problemsInfoIcon-foreground: #1a85ff;
  --vscode-textLink-foreground: #005fb8; --vscode-textLink-activeForeground: #005fb8;
  --vscode-editorLightBulb-foreground: #ddb100; --vscode-editorLineNumber-foreground: #6e7681;
  --vscode-editorLineNumber-activeForeground: #171184; --vscode-editor-selectionHighlightBackground: rgba(173, 214, 255, 0.5);
  --vscode-debugTokenExpression-name: #9b46b0; --vscode-debugTokenExpression-string: #a31515;
  --vscode-debugTokenExpression-number: #098658; --vscode-debugTokenExpression-boolean: #0000ff;`;

const highContrast = `${font}
  --vscode-editor-background: #000000; --vscode-editor-foreground: #ffffff; --vscode-foreground: #ffffff;
  --vscode-descriptionForeground: rgba(255, 255, 255, 0.7); --vscode-errorForeground: #f48771; --vscode-focusBorder: #f38518;
  --vscode-contrastBorder: #6fc3df; --vscode-contrastActiveBorder: #f38518; --vscode-icon-foreground: #ffffff;
  --vscode-panel-border: #6fc3df; --vscode-badge-background: #000000; --vscode-badge-foreground: #ffffff;
  --vscode-button-background: #000000; --vscode-button-foreground: #ffffff; --vscode-button-border: #6fc3df;
  --vscode-button-secondaryForeground: #ffffff; --vscode-settings-headerForeground: #ffffff;
  --vscode-settings-textInputBackground: #000000; --vscode-settings-textInputForeground: #ffffff;
  --vscode-settings-textInputBorder: #6fc3df; --vscode-settings-dropdownBackground: #000000;
  --vscode-settings-dropdownForeground: #ffffff; --vscode-settings-dropdownBorder: #6fc3df;
  --vscode-input-placeholderForeground: rgba(255, 255, 255, 0.7); --vscode-inputValidation-errorBackground: #000000;
  --vscode-inputValidation-errorBorder: #6fc3df; --vscode-inputValidation-infoBackground: #000000;
  --vscode-inputValidation-infoBorder: #6fc3df; --vscode-problemsErrorIcon-foreground: #f48771;
  --vscode-problemsWarningIcon-foreground: #ffd370; --vscode-problemsInfoIcon-foreground: #3794ff;
  --vscode-textLink-foreground: #21a6ff; --vscode-textLink-activeForeground: #21a6ff;
  --vscode-editorLineNumber-foreground: #ffffff; --vscode-debugTokenExpression-name: #ffffff;
  --vscode-debugTokenExpression-string: #f48771; --vscode-debugTokenExpression-number: #89d185;
  --vscode-debugTokenExpression-boolean: #75bdfe;`;

/** Style sheet to put before a view's own. */
export const themeCss = `
:root:has(body.vscode-dark) {${dark} color-scheme: dark; }
:root:has(body.vscode-light) {${light} color-scheme: light; }
:root:has(body.vscode-high-contrast) {${highContrast} color-scheme: dark; }
`;
