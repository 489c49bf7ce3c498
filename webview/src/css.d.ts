/** Stylesheets are collected by the bundler; importing one has no value. */
declare module "*.css" {}
