export { type Attachment, attachHost } from './attachment.ts';
export { type Claim, ClaimRefusedError, rangeText } from './claims.ts';
export { SharedDeviceError, type SharedDeviceErrorCode } from './errors.ts';
export { withFabricLock } from './fabric-lock.ts';
export { withSocketPath } from './host-socket.ts';
export { describePartitions, type Partitions, type SharedDevice } from './identity.ts';
export { MemberDevice } from './member.ts';
export { ROOT_VARIABLE, sharedRoot } from './root.ts';
export { foreignFolders, type SurveyedDevice, type SurveyedHost, surveyDevices } from './survey.ts';
