import type { AuditProofOut } from '../../api/types';
import css from './audit.module.css';
import { rungs } from './words';

const STEP = 34;
const WIDTH = 400;
const MIDDLE = WIDTH / 2;
const ASIDE = 124;

const short = (hash: string) => hash.slice(0, 8);

/** The way from the entry up to the root that the checkpoint signs: at each step one hash is added, on the left or on the right. */
export function ProofDrawing({ proof }: { proof: AuditProofOut }) {
  const steps = rungs(proof.number, proof.size, proof.hashes);
  const height = (steps.length + 2) * STEP + 14;
  const y = (level: number) => height - 20 - level * STEP;
  const says = `The entry is number ${proof.number} of ${proof.size}. ${steps.length} hashes lead from it to the root that the checkpoint signs.`;
  return (
    <svg className={css.drawing} viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={says}>
      <line className={css.trunk} x1={MIDDLE} y1={y(0)} x2={MIDDLE} y2={y(steps.length + 1)} data-broken={!proof.intact || undefined} />
      {steps.map(({ sibling, left }, index) => {
        const x = left ? MIDDLE - ASIDE : MIDDLE + ASIDE;
        return (
          <g key={index}>
            <path className={css.branch} d={`M ${x} ${y(index)} C ${x} ${y(index + 1)}, ${MIDDLE} ${y(index)}, ${MIDDLE} ${y(index + 1)}`} />
            <rect className={css.sibling} x={x - 38} y={y(index) - 10} width={76} height={20} rx={4} />
            <text className={css.hash} x={x} y={y(index) + 4}>
              {short(sibling)}
            </text>
            <circle className={css.joint} cx={MIDDLE} cy={y(index + 1)} r={3.5} />
          </g>
        );
      })}
      <rect className={css.end} data-broken={!proof.intact || undefined} x={MIDDLE - 54} y={y(0) - 12} width={108} height={24} rx={5} />
      <text className={css.endText} x={MIDDLE} y={y(0) + 4}>
        entry {proof.number.toLocaleString('en-GB')}
      </text>
      <rect className={css.end} x={MIDDLE - 70} y={y(steps.length + 1) - 12} width={140} height={24} rx={5} />
      <text className={css.endText} x={MIDDLE} y={y(steps.length + 1) + 4}>
        root {short(proof.root)}
      </text>
    </svg>
  );
}
