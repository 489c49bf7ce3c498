/**
 * The cells of the sample: neurites and glia as chains of spheres that grow along smooth random paths and keep clear of each
 * other. Lengths are in pixels of a slice; depth is stretched to the same unit, so that space is isotropic here.
 */
import type { Vec3 } from "../base/vec3.ts";
import * as vec3 from "../base/vec3.ts";
import { type Habit, type ProcessKind, population } from "./habits.ts";
import { between, createRandom, type Random } from "./random.ts";
import { createSpace, type Space } from "./space.ts";

/** One ball of a process. */
export interface Sphere {
  readonly center: Vec3;
  readonly radius: number;
  /** Index of its process; 0 is nobody. */
  readonly process: number;
  /** Is it a swelling full of vesicles? */
  readonly isBouton: boolean;
}

/** One ball of a mitochondrion, inside its process. */
export interface Organelle {
  readonly center: Vec3;
  readonly radius: number;
  readonly process: number;
  /** Unit vector along the mitochondrion. */
  readonly axis: Vec3;
}

export interface Processes {
  readonly spheres: readonly Sphere[];
  readonly organelles: readonly Organelle[];
  /** By process; entry 0 is the space between the cells. */
  readonly kinds: readonly ProcessKind[];
}

interface Growth {
  readonly space: Space;
  readonly random: Random;
  readonly kinds: ProcessKind[];
  readonly spheres: Sphere[];
  readonly organelles: Organelle[];
}

/** Grows the tissue of a box of `extent` pixels: thick processes first, then what fits between them. */
export function growProcesses(extent: Vec3, seed: number): Processes {
  const random = createRandom(seed);
  const growth: Growth = { space: createSpace(extent), random, kinds: ["glia"], spheres: [], organelles: [] };
  for (const [habit, count] of population) {
    for (let i = 0; i < count; i++) {
      growProcess(growth, habit);
    }
  }
  const { spheres, organelles, kinds } = growth;
  return { spheres, organelles, kinds };
}

function growProcess(growth: Growth, habit: Habit): void {
  const radius = between(growth.random, ...habit.radius);
  const start = findRoom(growth, radius * 0.9);
  if (start === undefined) {
    return;
  }
  const process = growth.kinds.length;
  growth.kinds.push(habit.kind);
  const direction = randomDirection(growth.random);
  for (const heading of [direction, vec3.multiply(direction, [-1, -1, -1])]) {
    growArm(growth, habit, { process, start, heading, radius, depth: 0 });
  }
}

/** A point of the box that is at least `clearance` away from every process, or nothing after many tries. */
function findRoom({ space, random }: Growth, clearance: number): Vec3 | undefined {
  for (let attempt = 0; attempt < 60; attempt++) {
    const point: Vec3 = [random() * space.extent[0], random() * space.extent[1], random() * space.extent[2]];
    if (space.clearance(point, 0) >= clearance) {
      return point;
    }
  }
  return undefined;
}

interface Arm {
  readonly process: number;
  readonly start: Vec3;
  readonly heading: Vec3;
  readonly radius: number;
  /** Branchings between it and the trunk. */
  readonly depth: number;
}

const maxDepth = 3;

function growArm(growth: Growth, habit: Habit, arm: Arm): void {
  const { random } = growth;
  const maxSteps = arm.depth === 0 ? habit.steps : Math.round(between(random, 0.1, 0.3) * habit.steps);
  let { start: position, heading } = arm;
  let boutonSteps = 0;
  let mitochondrionSteps = 0;
  for (let step = 0; step < maxSteps && growth.space.isNear(position); step++) {
    boutonSteps = boutonSteps > 0 ? boutonSteps - 1 : random() < habit.boutons ? 6 : 0;
    mitochondrionSteps = mitochondrionSteps > 0 ? mitochondrionSteps - 1 : random() < habit.mitochondria ? 9 : 0;
    const swelling = boutonSteps > 0 ? 1.35 + 0.22 * (3 - Math.abs(boutonSteps - 3)) : 1;
    const wanted = arm.radius * swelling * between(random, 0.9, 1.1);
    const radius = Math.min(wanted, growth.space.clearance(position, arm.process));
    if (radius < Math.max(4, arm.radius * 0.4)) {
      return;
    }
    addSphere(growth, { center: position, radius, process: arm.process, isBouton: boutonSteps > 0 });
    if (mitochondrionSteps > 0 && radius > 9) {
      addMitochondrion(growth, { ...arm, start: position, heading, radius });
    }
    branch(growth, habit, { ...arm, start: position, heading, radius });
    [position, heading] = advance(growth, { position, heading, length: stepLength(radius) }, habit, arm.process);
  }
}

function addSphere(growth: Growth, sphere: Sphere): void {
  growth.spheres.push(sphere);
  growth.space.add(sphere);
}

/** A piece of a mitochondrion, from here to where the next one begins. */
function addMitochondrion({ organelles }: Growth, { start, heading, radius, process }: Arm): void {
  const thickness = Math.min(15, radius * 0.55);
  for (let distance = 0; distance < stepLength(radius); distance += thickness * 0.4) {
    organelles.push({ center: along(start, heading, distance), radius: thickness, process, axis: heading });
  }
}

const stepLength = (radius: number): number => Math.max(7.5, radius * 0.9);

/** Sometimes a branch, and from a dendrite now and then a spine: a thin neck with a head. */
function branch(growth: Growth, habit: Habit, arm: Arm): void {
  const { random } = growth;
  if (arm.depth < maxDepth && random() < habit.branching) {
    const heading = perturbed(random, arm.heading, 1.6);
    const start = along(arm.start, heading, arm.radius * 0.7);
    growArm(growth, habit, {
      ...arm,
      start,
      heading,
      radius: arm.radius * between(random, 0.5, 0.8),
      depth: arm.depth + 1,
    });
  }
  if (habit.kind === "dendrite" && random() < 0.22) {
    growSpine(growth, arm);
  }
}

function growSpine(growth: Growth, { process, start, heading, radius }: Arm): void {
  const { random, space } = growth;
  const direction = perturbed(random, heading, 3);
  const reach = radius + between(random, 24, 46);
  for (let distance = radius; distance < reach; distance += 5) {
    const center = along(start, direction, distance);
    const isHead = distance > reach - 16;
    const room = space.clearance(center, process);
    if (room < 5) {
      return;
    }
    addSphere(growth, { center, radius: Math.min(room, isHead ? 15 : 6), process, isBouton: false });
  }
}

interface Tip {
  readonly position: Vec3;
  readonly heading: Vec3;
  readonly length: number;
}

/** The next position and heading: of a few slight turns the one that leads to most room. */
function advance(growth: Growth, tip: Tip, habit: Habit, process: number): [Vec3, Vec3] {
  let best: [Vec3, Vec3] = [along(tip.position, tip.heading, tip.length), tip.heading];
  let bestRoom = Number.NEGATIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt++) {
    const heading = perturbed(growth.random, tip.heading, habit.turning);
    const position = along(tip.position, heading, tip.length);
    const ahead = along(tip.position, heading, tip.length * 3);
    const room = growth.space.clearance(position, process) + 0.5 * growth.space.clearance(ahead, process);
    if (room > bestRoom) {
      bestRoom = room;
      best = [position, heading];
    }
  }
  return best;
}

const along = (from: Vec3, direction: Vec3, distance: number): Vec3 => [
  from[0] + direction[0] * distance,
  from[1] + direction[1] * distance,
  from[2] + direction[2] * distance,
];

function perturbed(random: Random, direction: Vec3, amount: number): Vec3 {
  const turn = randomDirection(random);
  return normalized(along(direction, turn, amount * random()));
}

function randomDirection(random: Random): Vec3 {
  return normalized([random() - 0.5, random() - 0.5, random() - 0.5]);
}

function normalized([x, y, z]: Vec3): Vec3 {
  const length = Math.sqrt(x * x + y * y + z * z) || 1;
  return [x / length, y / length, z / length];
}
