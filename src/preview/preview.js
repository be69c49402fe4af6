// The preview: pages are made anew when a file changes, and whoever looks at page 7 goes on looking at page 7.
'use strict';
(() => {
  const one = (id) => document.getElementById(id);
  const main = document.querySelector('main');
  let page = Math.max(1, Number(new URLSearchParams(location.search).get('page')) || 1);

  const pages = () => Number(one('page')?.dataset.pages || 0);
  const address = (path) => path + location.search + (location.search ? '&' : '?');

  // The viewer looks at the page of its address only when it opens a file.
  const show = () => {
    const frame = one('pdf');
    if (!frame.dataset.version) return;
    frame.src = `${frame.dataset.src}&version=${frame.dataset.version}&page=${page}#page=${page}&navpanes=0&view=FitH`;
  };
  const count = () => {
    const shown = one('page');
    if (!shown) return;
    one('p').value = page = Math.min(page, pages());
    shown.textContent = document.documentElement.lang === 'en' ? `Page ${page} of ${pages()}` : `第 ${page} 页，共 ${pages()} 页`;
    shown.parentNode.hidden = false;
    document.querySelector('.count').hidden = true;
    one('back').disabled = page <= 1;
    one('on').disabled = page >= pages();
  };
  const turn = (by) => {
    const next = Math.min(Math.max(1, page + by), pages());
    if (next === page || !pages()) return;
    page = next;
    count();
    show();
  };
  // Within its own frame: whoever reads elsewhere stays there.
  const bring = () => {
    const line = one('wrong'), source = one('source');
    if (line) source.scrollTop = line.offsetTop - source.clientHeight / 2;
  };
  const toMistake = () => {
    const line = one('wrong');
    if (!line) return;
    line.scrollIntoView({block: 'center', inline: 'nearest'});
    line.focus({preventScroll: true});
  };

  // Takes over what a newly made page says; the PDF's frame stays where it is unless its bytes are others.
  const take = (text) => {
    const fresh = new DOMParser().parseFromString(text, 'text/html');
    const had = one('wrong') !== null, top = one('source').scrollTop;
    if (!fresh.querySelector('main')) return;
    for (const id of ['message', 'side', 'facts']) one(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
    const records = fresh.getElementById('r');
    const chosen = records.value; // options that are moved one by one choose the next
    if (records.length !== one('r').length) one('r').replaceChildren(...records.children);
    one('r').value = chosen;
    one('source').scrollTop = top;
    if (!had) bring();
    main.dataset.stamp = fresh.querySelector('main').dataset.stamp;
    const version = fresh.getElementById('pdf').dataset.version;
    count();
    if (version !== one('pdf').dataset.version) {
      one('pdf').dataset.version = version;
      show();
    }
  };
  const renew = async () => take(await (await fetch(address('/'))).text());

  const state = (lost) => {
    const told = one('state');
    told.textContent = lost ? told.dataset.lost : told.dataset.now;
    told.classList.toggle('lost', lost);
  };
  const watch = async () => {
    for (;;) {
      try {
        const answer = await fetch(address('/changed') + 'since=' + main.dataset.stamp);
        if (!answer.ok) throw new Error(answer.status);
        const changed = (await answer.json()).stamp !== main.dataset.stamp;
        if (changed) await renew();
        state(false);
      } catch {
        state(true);
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  };

  document.addEventListener('click', (event) => {
    if (event.target.id === 'back') turn(-1);
    if (event.target.id === 'on') turn(1);
    if (event.target.closest('a[href="#wrong"]')) {
      event.preventDefault();
      toMistake();
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input,select,textarea')) return;
    const keys = {
      r: () => renew().catch(() => state(true)),
      b: () => { one('v').value = one('v').value === 'boxes' ? 'plain' : 'boxes'; one('bar').requestSubmit(); },
      e: toMistake,
      ArrowLeft: () => turn(-1),
      ArrowRight: () => turn(1),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  // Another template has other records: its first one is shown.
  one('t').addEventListener('change', () => {
    one('r').disabled = one('p').disabled = true;
    one('bar').requestSubmit();
  });
  for (const id of ['r', 'v']) one(id).addEventListener('change', () => one('bar').requestSubmit());
  state(false);
  count();
  bring();
  if (page > 1) show();
  watch();
})();
