import { count } from '../figures';
import { confusionCells, mixUps } from './confusion';
import classes from './charts.module.css';

/** What people chose (across) where the consensus is that of the row. Shade follows the share of the row; every cell has its figure. */
export function Confusion({ labels, counts, title }: { labels: readonly string[]; counts: readonly (readonly number[])[]; title: string }) {
  const rows = confusionCells(counts);
  const worst = mixUps(labels, counts);
  return (
    <div>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={`Confusions in ${title}`}>
        <table className={classes.confusion}>
          <caption>Rows: the consensus. Columns: what was answered.</caption>
          <thead>
            <tr>
              <td />
              {labels.map((label) => (
                <th key={label} scope="col">
                  <span>{label}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((line, row) => (
              <tr key={labels[row]}>
                <th scope="row">{labels[row]}</th>
                {line.map((cell) => (
                  <td key={cell.column} data-step={cell.step} data-agreeing={cell.agreeing || undefined} title={`Consensus ${labels[row]}, answered ${labels[cell.column]}: ${count(cell.count)}, ${Math.round(cell.share * 100)}% of the row`}>
                    {cell.count ? count(cell.count) : <span className={classes.none}>0</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={classes.note}>
        {worst.length
          ? `Most mixed up: ${worst.map((pair) => `${pair.consensus} answered as ${pair.answer}, ${count(pair.count)} times (${Math.round(pair.share * 100)}%)`).join('; ')}.`
          : 'Nobody has answered against the consensus yet.'}
      </p>
    </div>
  );
}
