/** How the kinds of processes grow, and how many of each the tissue has. Lengths are in pixels. */

export type ProcessKind = "dendrite" | "axon" | "glia";

/** How a kind of process grows. */
export interface Habit {
  readonly kind: ProcessKind;
  readonly radius: readonly [number, number];
  /** Longest trunk, in steps. */
  readonly steps: number;
  /** How often a step branches off. */
  readonly branching: number;
  /** How far the direction turns in a step. */
  readonly turning: number;
  /** How often a step begins a bouton. */
  readonly boutons: number;
  /** How often a step begins a mitochondrion. */
  readonly mitochondria: number;
}

const dendrite: Habit = {
  kind: "dendrite",
  steps: 40,
  radius: [30, 46],
  branching: 0.05,
  turning: 0.12,
  boutons: 0,
  mitochondria: 0.16,
};
const branchlet: Habit = { ...dendrite, radius: [22, 32], branching: 0.03, turning: 0.2, mitochondria: 0.07 };
const axon: Habit = {
  kind: "axon",
  steps: 70,
  radius: [10, 17],
  branching: 0.015,
  turning: 0.3,
  boutons: 0.035,
  mitochondria: 0.015,
};
const thinAxon: Habit = { ...axon, radius: [7, 10], boutons: 0.02, mitochondria: 0 };
const glia: Habit = {
  kind: "glia",
  steps: 30,
  radius: [8, 15],
  branching: 0.2,
  turning: 0.8,
  boutons: 0,
  mitochondria: 0.01,
};

/** How many of which habit are tried: thick ones first, then what fits between them. */
export const population: readonly (readonly [Habit, number])[] = [
  [dendrite, 4],
  [branchlet, 16],
  [glia, 10],
  [axon, 130],
  [thinAxon, 420],
  [glia, 40],
];
