import { propertyOfSequences } from './sequences-of.ts';

propertyOfSequences('explicit-region-drivers-v1');
