import type { GoogleRule } from '../rule';
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
import { bucketsArePrivate, bucketsAreUniform, machinesHaveNoAddress, softDeleteIsKept } from './policies';
import { projectsAreThere, servicesAreOn } from './services';
import { bodiesFit } from './shapes';

/** Everything the stand-in can enforce, in the order it is asked. */
export const RULES: readonly GoogleRule[] = [
  bodiesFit,
  projectsAreThere,
  servicesAreOn,
  nobodyIsEverybody,
  membersAreThere,
  bucketsAreUniform,
  bucketsArePrivate,
  softDeleteIsKept,
  machinesHaveNoAddress,
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
];
