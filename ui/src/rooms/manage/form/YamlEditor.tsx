import { useMemo, useRef, type UIEvent } from 'react';
import classes from './form.module.css';
import type { LineProblem } from './yaml';

interface YamlEditorProps {
  text: string;
  change: (text: string) => void;
  complaints: readonly LineProblem[];
}

/** Plain text with line numbers; what is wrong stands below and leads to its line. */
export function YamlEditor({ text, change, complaints }: YamlEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split('\n').length;
  const bad = useMemo(() => new Set(complaints.map((complaint) => complaint.line)), [complaints]);
  const goTo = ({ line, column }: LineProblem) => {
    const offset = text.split('\n').slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
    area.current?.focus();
    area.current?.setSelectionRange(offset, offset);
    if (area.current) area.current.scrollTop = Math.max(0, (line - 6) * 20);
  };
  return (
    <div>
      <div className={classes.yaml} data-wrong={complaints.length > 0 || undefined}>
        <div ref={gutter} className={classes.gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            <div key={index} data-bad={bad.has(index + 1) || undefined}>
              {index + 1}
            </div>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label="The project as YAML"
          aria-invalid={complaints.length > 0}
          aria-describedby="yaml-complaints"
          spellCheck={false}
          autoCapitalize="off"
          wrap="off"
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
          onScroll={(event: UIEvent<HTMLTextAreaElement>) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      <div id="yaml-complaints" aria-live="polite">
        {complaints.length > 0 && (
          <ul className={classes.complaints}>
            {complaints.slice(0, 12).map((complaint, index) => (
              <li key={index}>
                <button type="button" onClick={() => goTo(complaint)}>
                  Line {complaint.line}
                </button>
                {complaint.message}
              </li>
            ))}
            {complaints.length > 12 && <li>and {complaints.length - 12} more</li>}
          </ul>
        )}
      </div>
    </div>
  );
}
