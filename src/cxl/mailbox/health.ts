/**
 * Get Health Info, Get and Set Alert Configuration, Get and Set Shutdown State (CXL 3.1,
 * 8.2.10.9.3).
 */
import { type Alerts, type Health, WARNINGS, type Warning } from '../objects/mailbox-state.ts';
import { type DeviceCommand, DeviceRefusal, EFFECT } from './device-command.ts';
import { NOTHING, Payload } from './payload.ts';

/** Levels of the two fields of the additional status that have two bits. */
const LEVEL = { normal: 0, warning: 1, critical: 2 } as const;

function reaches({ enabled, thresholds }: Alerts, warning: Warning, value: number): boolean {
  if (!enabled.has(warning)) return false;
  return warning === 'underTemperature'
    ? value <= thresholds[warning]
    : value >= thresholds[warning];
}

function lifeLevel({ lifeUsed }: Health, alerts: Alerts): number {
  if (lifeUsed >= alerts.critical.lifeUsed) return LEVEL.critical;
  return reaches(alerts, 'lifeUsed', lifeUsed) ? LEVEL.warning : LEVEL.normal;
}

function temperatureLevel({ temperature }: Health, alerts: Alerts): number {
  const { overTemperature, underTemperature } = alerts.critical;
  if (temperature >= overTemperature || temperature <= underTemperature) return LEVEL.critical;
  const warns = (['overTemperature', 'underTemperature'] as const).some((warning) =>
    reaches(alerts, warning, temperature),
  );
  return warns ? LEVEL.warning : LEVEL.normal;
}

/** Where the measured values are with respect to the thresholds. */
function additionalStatus(health: Health, alerts: Alerts): number {
  const errors = (['correctedVolatileErrors', 'correctedPersistentErrors'] as const).map(
    (warning, index) => (reaches(alerts, warning, health[warning]) ? 1 << (4 + index) : 0),
  );
  return errors.reduce(
    (status, bit) => status | bit,
    lifeLevel(health, alerts) | (temperatureLevel(health, alerts) << 2),
  );
}

const GET_HEALTH_INFO: DeviceCommand = {
  opcode: 0x4200,
  run: ({ hardware }) => {
    const { health, alerts } = hardware.mailbox;
    return Payload.ofSize(0x12)
      .setU8(0, health.status)
      .setU8(1, health.mediaStatus)
      .setU8(2, additionalStatus(health, alerts))
      .setU8(3, health.lifeUsed)
      .setU16(4, health.temperature)
      .setU32(6, health.dirtyShutdowns)
      .setU32(10, health.correctedVolatileErrors)
      .setU32(14, health.correctedPersistentErrors);
  },
};

function bitsOf(warnings: ReadonlySet<Warning>): number {
  return WARNINGS.reduce((bits, each, index) => bits | (warnings.has(each) ? 1 << index : 0), 0);
}

const GET_ALERT_CONFIG: DeviceCommand = {
  opcode: 0x4201,
  run: ({ hardware }) => {
    const { critical, enabled, programmable, thresholds } = hardware.mailbox.alerts;
    return Payload.ofSize(0x10)
      .setU8(0, bitsOf(enabled))
      .setU8(1, bitsOf(programmable))
      .setU8(2, critical.lifeUsed)
      .setU8(3, thresholds.lifeUsed)
      .setU16(4, critical.overTemperature)
      .setU16(6, critical.underTemperature)
      .setU16(8, thresholds.overTemperature)
      .setU16(10, thresholds.underTemperature)
      .setU16(12, thresholds.correctedVolatileErrors)
      .setU16(14, thresholds.correctedPersistentErrors);
  },
};

/** The thresholds in the input of Set Alert Configuration. */
const THRESHOLD_IN: Readonly<Record<Warning, (input: Payload) => number>> = {
  lifeUsed: (input) => input.u8(2),
  overTemperature: (input) => input.s16(4),
  underTemperature: (input) => input.s16(6),
  correctedVolatileErrors: (input) => input.u16(8),
  correctedPersistentErrors: (input) => input.u16(10),
};

/** A warning comes before the critical alert of its kind. */
function precedesAlert({ critical }: Alerts, warning: Warning, threshold: number): boolean {
  switch (warning) {
    case 'lifeUsed':
      return threshold < critical.lifeUsed;
    case 'overTemperature':
      return threshold < critical.overTemperature;
    case 'underTemperature':
      return threshold > critical.underTemperature;
    default:
      return true;
  }
}

function isSet(bits: number, warning: Warning): boolean {
  return ((bits >> WARNINGS.indexOf(warning)) & 1) === 1;
}

/** Invalid input: a warning that cannot be programmed, or would come after its critical alert. */
const SET_ALERT_CONFIG: DeviceCommand = {
  opcode: 0x4202,
  effects: EFFECT.policyNow,
  run: ({ hardware }, input) => {
    const { alerts } = hardware.mailbox;
    const [chosen, enable] = [input.u8(0), input.u8(1)];
    const warnings = WARNINGS.filter((warning) => isSet(chosen, warning));
    const enabled = warnings.filter((warning) => isSet(enable, warning));
    const locked = warnings.find((warning) => !alerts.programmable.has(warning));
    if (locked !== undefined)
      throw new DeviceRefusal('invalidInput', `the warning ${locked} cannot be programmed`);
    const late = enabled.find(
      (warning) => !precedesAlert(alerts, warning, THRESHOLD_IN[warning](input)),
    );
    if (late !== undefined)
      throw new DeviceRefusal('invalidInput', `the warning ${late} would come after its alert`);
    for (const warning of warnings) alerts.enabled.delete(warning);
    for (const warning of enabled) {
      alerts.enabled.add(warning);
      alerts.thresholds[warning] = THRESHOLD_IN[warning](input);
    }
    return NOTHING;
  },
};

const DIRTY = 0x01;

const GET_SHUTDOWN_STATE: DeviceCommand = {
  opcode: 0x4203,
  run: ({ hardware }) => Payload.ofSize(1).setU8(0, hardware.mailbox.shutdownState),
};

const SET_SHUTDOWN_STATE: DeviceCommand = {
  opcode: 0x4204,
  effects: EFFECT.policyNow,
  run: ({ hardware }, input) => {
    hardware.mailbox.shutdownState = input.u8(0) & DIRTY;
    return NOTHING;
  },
};

export const HEALTH_COMMANDS = [
  GET_HEALTH_INFO,
  GET_ALERT_CONFIG,
  SET_ALERT_CONFIG,
  GET_SHUTDOWN_STATE,
  SET_SHUTDOWN_STATE,
] as const;
