import { propertyOfSequences } from './sequences-of.ts';

propertyOfSequences('mainline-7.2');
