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

/** Everything the stand-in can enforce, in the order it is asked. */
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

/** Everything wrong with what stands in a project, although Google took it: a line each. */
export const reviewed = (rules: readonly GoogleRule[], world: World, project: string): readonly string[] =>
  rules.flatMap(({ name, review }) => {
    const found = review?.(world, project);
    return found === undefined ? [] : [`${name}: ${found}`];
  });

/** The organisation policies in force under these rules, by constraint. */
export const policiesOf = (rules: readonly GoogleRule[]): Readonly<Record<string, Fields>> =>
  Object.fromEntries(rules.flatMap(({ policy }) => (policy === undefined ? [] : [[policy.constraint, policy.rule]])));
