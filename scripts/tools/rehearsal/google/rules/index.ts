import type { Fields } from '../json';
import type { GoogleRule } from '../rule';
import type { World } from '../world';
import { currencyFits, runtimesLast } from './bills';
import {
  buildsReadTheirSource,
  eventarcTakesTime,
  membersAreThere,
  nobodyIsEverybody,
  secretsHaveValues,
} from './grants';
import {
  bucketsAreEmpty,
  disksFit,
  metricsTakeTime,
  protectedStays,
  quotasHold,
  referencesAreThere,
  rolesStayReserved,
  usedStays,
} from './limits';
import {
  bucketsArePrivate,
  bucketsAreUniform,
  keysAreTheirs,
  machinesHaveNoAddress,
  regionsAreAllowed,
  softDeleteIsKept,
} from './policies';
import {
  answersIpv6,
  basesAreOurs,
  cleanupsDelete,
  edgePoliciesDecide,
  imagesAreNamedByDigest,
  machinesAreReached,
  natServesSomebody,
  packetsAreLogged,
  repairsTakeToday,
  scannersAreSeen,
} from './reviews';
import { projectsAreThere, servicesAreOn, somebodyPays } from './services';
import { bodiesFit } from './shapes';

/** Every rule that the stand-in can enforce, in the order of the checks. */
export const RULES: readonly GoogleRule[] = [
  bodiesFit,
  projectsAreThere,
  servicesAreOn,
  somebodyPays,
  nobodyIsEverybody,
  membersAreThere,
  bucketsAreUniform,
  bucketsArePrivate,
  softDeleteIsKept,
  machinesHaveNoAddress,
  regionsAreAllowed,
  keysAreTheirs,
  quotasHold,
  disksFit,
  referencesAreThere,
  usedStays,
  bucketsAreEmpty,
  protectedStays,
  rolesStayReserved,
  metricsTakeTime,
  secretsHaveValues,
  eventarcTakesTime,
  buildsReadTheirSource,
  currencyFits,
  runtimesLast,
  cleanupsDelete,
  basesAreOurs,
  edgePoliciesDecide,
  repairsTakeToday,
  natServesSomebody,
  machinesAreReached,
  packetsAreLogged,
  answersIpv6,
  imagesAreNamedByDigest,
  scannersAreSeen,
];

/** Returns every fault in a project that Google accepted: one line each. */
export const reviewed = (rules: readonly GoogleRule[], world: World, project: string): readonly string[] =>
  rules.flatMap(({ name, review }) => {
    const found = review?.(world, project);
    return found === undefined ? [] : [`${name}: ${found}`];
  });

/** Returns the organisation policies in force under these rules, by constraint. */
export const policiesOf = (rules: readonly GoogleRule[]): Readonly<Record<string, Fields>> =>
  Object.fromEntries(rules.flatMap(({ policy }) => (policy === undefined ? [] : [[policy.constraint, policy.rule]])));
