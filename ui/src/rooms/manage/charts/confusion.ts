/** How a table of counts (rows: consensus, columns: answer) is shaded and read out. */

export interface ConfusionCell {
  row: number;
  column: number;
  count: number;
  /** Share of the row, 0 to 1; 0 for an empty row. */
  share: number;
  /** 0 (empty) to 5, for the shade, finer where shares are small; the figure stands in the cell as well. */
  step: number;
  agreeing: boolean;
}

export function confusionCells(counts: readonly (readonly number[])[]): ConfusionCell[][] {
  return counts.map((line, row) => {
    const total = line.reduce((sum, value) => sum + value, 0);
    return line.map((count, column) => {
      const share = total ? count / total : 0;
      return { row, column, count, share, step: Math.ceil(Math.sqrt(share) * 5), agreeing: row === column };
    });
  });
}

/** Rows for columns: the API counts by answer, the table is read by consensus. */
export const transposed = (counts: readonly (readonly number[])[]): number[][] => (counts[0] ?? []).map((_, column) => counts.map((line) => line[column] ?? 0));

export interface MixUp {
  consensus: string;
  answer: string;
  count: number;
  share: number;
}

/** The pairs most often mixed up, biggest first. */
export function mixUps(labels: readonly string[], counts: readonly (readonly number[])[], most = 3): MixUp[] {
  return confusionCells(counts)
    .flat()
    .filter((cell) => !cell.agreeing && cell.count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, most)
    .map((cell) => ({ consensus: labels[cell.row] ?? '?', answer: labels[cell.column] ?? '?', count: cell.count, share: cell.share }));
}
