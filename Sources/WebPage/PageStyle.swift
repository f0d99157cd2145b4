/// The one stylesheet of all pages: light and dark as the reader's system has it, and every text on its
/// background with a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
package enum PageStyle {
    package static let css = """
        :root {
          color-scheme: light dark;
          --back: #f5f6f8; --card: #ffffff; --text: #1b2027; --quiet: #566070; --line: #dde1e7;
          --field: #ffffff; --field-line: #8a94a3;
          --accent: #1f5fbf; --accent-text: #ffffff; --focus: #1f5fbf;
          --good: #17663a; --good-back: #e3f4e9; --warn: #7a4b00; --warn-back: #fdf1d8;
          --bad: #a1231c; --bad-back: #fdeae8; --calm: #44505f; --calm-back: #e9ecf1;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --back: #14171c; --card: #1c2128; --text: #e6e9ee; --quiet: #a3adba; --line: #2f3640;
            --field: #14171c; --field-line: #6d7887;
            --accent: #8ab4f8; --accent-text: #10233f; --focus: #8ab4f8;
            --good: #7fd8a2; --good-back: #17301f; --warn: #f0c266; --warn-back: #352a12;
            --bad: #ff9d94; --bad-back: #3a1c1a; --calm: #c0c8d3; --calm-back: #2a313a;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; max-width: 56rem; padding: 1.5rem 1.25rem 3rem;
          background: var(--back); color: var(--text);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
            sans-serif;
        }
        header { display: flex; align-items: center; gap: .9rem; margin: .5rem 0 1.25rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; }
        h2 { font-size: 1.1rem; line-height: 1.3; margin: 0 0 .6rem; }
        h3 { font-size: 1rem; margin: 0 0 .6rem; }
        p { margin: 0 0 .6rem; }
        a { color: var(--accent); }
        code { font: .92em/1.4 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        footer { margin-top: 2rem; color: var(--quiet); font-size: .875rem; }
        .narrow { max-width: 38rem; margin: 3rem auto 0; }
        .narrow h1 { margin-bottom: 1rem; }
        .narrow + footer { max-width: 38rem; margin-left: auto; margin-right: auto; }
        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
          padding: 1.25rem 1.4rem; margin: 0 0 1.1rem;
        }
        .card > :last-child, .notice > :last-child { margin-bottom: 0; }
        .state { font-size: 1.05rem; margin-bottom: .25rem; }
        .hint, .trace, .why { color: var(--quiet); font-size: .9rem; }
        .notice {
          border-radius: .6rem; padding: .85rem 1.1rem; margin: 0 0 1.1rem;
          background: var(--calm-back); border-left: .25rem solid var(--calm);
        }
        .notice h2, .notice h3 { margin-bottom: .3rem; font-size: 1rem; }
        .notice .trace { color: inherit; }
        .notice ul { margin: 0; padding-left: 1.1rem; }
        .notice.done { background: var(--good-back); border-color: var(--good); }
        .notice.warned { background: var(--warn-back); border-color: var(--warn); }
        .notice.failed { background: var(--bad-back); border-color: var(--bad); }
        .notice.done p { color: var(--good); font-weight: 600; }
        .notice.warned h3 { color: var(--warn); }
        .notice.failed h2 { color: var(--bad); }
        .badge {
          display: inline-block; border-radius: 1rem; padding: .1rem .65rem; font-size: .8125rem;
          font-weight: 600; line-height: 1.5; background: var(--calm-back); color: var(--calm);
          white-space: nowrap;
        }
        .badge.active { background: var(--good-back); color: var(--good); }
        .badge.grace, .badge.paused, .badge.suspended, .badge.warned, .badge.trial {
          background: var(--warn-back); color: var(--warn);
        }
        .badge.invalid, .badge.revoked, .badge.expired { background: var(--bad-back); color: var(--bad); }
        .facts { margin: 0 0 .8rem; display: grid; gap: .3rem 1rem; }
        .facts div { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1rem; }
        .facts dt { color: var(--quiet); }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        .actions { display: flex; flex-wrap: wrap; gap: .6rem; margin: .9rem 0 0; }
        .actions form { margin: 0; }
        button, .button {
          font: inherit; font-weight: 600; font-size: .9375rem; line-height: 1.4; cursor: pointer;
          display: inline-block; padding: .45rem .95rem; border-radius: .5rem; text-decoration: none;
          border: 1px solid var(--field-line); background: var(--card); color: var(--text);
        }
        button:hover, .button:hover { background: var(--calm-back); }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-text); }
        button.primary:hover { filter: brightness(1.08); }
        button.danger { background: var(--bad); border-color: var(--bad); color: var(--card); }
        [hidden] { display: none; }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
        .copyable { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .8rem; margin-bottom: .35rem; }
        .copyable code { font-size: 1.05rem; }
        .copied { color: var(--good); font-weight: 600; }
        label { display: block; font-weight: 600; margin: .2rem 0 .3rem; }
        textarea, input {
          width: 100%; font: inherit; color: var(--text); background: var(--field);
          border: 1px solid var(--field-line); border-radius: .5rem; padding: .55rem .7rem;
        }
        textarea { font-family: ui-monospace, Menlo, "DejaVu Sans Mono", monospace; resize: vertical; }
        [data-drop].over { outline: 3px dashed var(--focus); outline-offset: .6rem; border-radius: .5rem; }
        summary { cursor: pointer; color: var(--quiet); font-size: .9rem; }
        .plain { list-style: none; margin: .5rem 0 0; padding: 0; font-size: .9rem; }
        .licenses { list-style: none; margin: 0; padding: 0; }
        section > h2#licenses { margin: 1.4rem 0 .7rem; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0; }
        thead th { color: var(--quiet); font-size: .875rem; font-weight: 600; border-bottom: 1px solid var(--line); }
        tbody tr + tr > * { border-top: 1px solid var(--line); }
        tbody th { font-weight: 500; }
        .why { display: block; margin-top: .2rem; max-width: 26rem; }
        meter { width: 100%; height: .9rem; }
        .skip { position: absolute; left: -999rem; }
        .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem; }
        @media (max-width: 36rem) { .facts div { grid-template-columns: 1fr; } .card { padding: 1rem; } }
        """
}
