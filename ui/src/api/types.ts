/** Short names for the shapes of the API. Views import shapes from here, never from the generated file. */
import type { components } from './schema';

type S = components['schemas'];
export type MarkingOut = S['MarkingOut'];
export type Who = S['Who'];
export type SessionOut = S['SessionOut'];
export type PersonOut = S['PersonOut'];
export type ClearanceOut = S['ClearanceOut'];
export type ClearanceGrantOut = S['ClearanceGrantOut'];
export type TokenOut = S['TokenOut'];
export type HomeOut = S['HomeOut'];
export type HomeProject = S['HomeProject'];
export type LabelOut = S['LabelOut'];
export type FieldOut = S['FieldOut'];
export type FormOut = S['FormOut'];
export type ProjectOut = S['ProjectOut'];
export type MemberOut = S['MemberOut'];
export type JobOut = S['JobOut'];
export type ImportOut = S['ImportOut'];
export type RejectionOut = S['RejectionOut'];
export type AssignmentOut = S['AssignmentOut'];
export type SubmittedOut = S['SubmittedOut'];
export type RecentOut = S['RecentOut'];
export type ProgressOut = S['ProgressOut'];
export type TaskRow = S['TaskRow'];
export type TaskOut = S['TaskOut'];
export type DatasetOut = S['DatasetOut'];
