// console.js - makes the console's pages quicker; without it every form and link does the same.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const pick = $('pick'), chosen = $('chosen'), drawer = $('drawer');
  root.classList.add('js');

  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  const size = (n) => n < 1e6 ? Math.ceil(n / 1000) + ' KB'
    : n < 1e9 ? Math.floor(n / 1e5) / 10 + ' MB' : Math.floor(n / 1e8) / 10 + ' GB';
  const span = (s) => s < 60 ? Math.max(1, Math.round(s)) + ' 秒' : s < 3600 ? Math.ceil(s / 60) + ' 分钟'
    : Math.floor(s / 3600) + ' 小时 ' + Math.floor(s % 3600 / 60) + ' 分';
  const text = (el, value) => { if (el && el.textContent !== value) el.textContent = value; };

  // A page of ours as a document: nothing in it runs, its parts are taken over as they are.
  function load(url, done, form) {
    const x = new XMLHttpRequest();
    x.open(form ? 'POST' : 'GET', url);
    x.responseType = 'document';
    x.timeout = 20000;
    x.onload = () => done(x.status === 200 && x.response && !x.response.getElementById('key') ? x.response : null);
    x.onerror = x.ontimeout = () => done(null);
    x.send(form ? new URLSearchParams(new FormData(form)) : null);
  }
  // Again and again while the page is seen; slower the longer it fails. step returns a promise of "go on".
  function every(ms, step) {
    let wait = ms;
    const go = () => setTimeout(async () => {
      if (document.hidden) {
        document.addEventListener('visibilitychange', go, { once: true });
        return;
      }
      try {
        if (!await step()) return;
        wait = ms;
      } catch {
        wait = Math.min(wait * 2, 15000);
      }
      go();
    }, wait);
    go();
  }
  async function ask(url, init) {
    const answer = await fetch(url, Object.assign({ headers: { Accept: 'application/json' } }, init));
    if (answer.status >= 500) throw new Error('later');
    return answer.ok && /json/.test(answer.headers.get('Content-Type')) ? answer.json() : null;
  }

  // --- what is ticked: serial -> bytes, also of other pages of the list ---
  const kept = pick && 'picked-' + pick.dataset.filing;
  let all = false;
  let ticked = new Map();
  try { ticked = new Map(JSON.parse(sessionStorage.getItem(kept) || '[]')); } catch { /* none */ }
  const boxes = () => [...document.querySelectorAll('#rows input[type=checkbox]')];
  const row = (box) => box.closest('tr');

  function ranges() {
    const out = [];
    let from = -1, last = -1;
    for (const n of [...ticked.keys()].sort((a, b) => a - b)) {
      if (n !== last + 1 || from < 0) {
        if (from >= 0) out.push(from === last ? from : from + '-' + last);
        from = n;
      }
      last = n;
    }
    if (from >= 0) out.push(from === last ? from : from + '-' + last);
    return out.join(',');
  }
  function show() {
    if (!pick) return;
    const list = boxes(), on = list.filter((b) => b.checked).length, get = $('get');
    list.forEach((b) => row(b).classList.toggle('sel', b.checked));
    const page = $('page');
    if (page) {
      page.checked = on > 0 && on === list.length;
      page.indeterminate = on > 0 && on < list.length;
    }
    const n = all ? +pick.dataset.total : ticked.size;
    const sizes = [...ticked.values()].filter((z) => z > 0);
    const made = all ? null : sizes.length, bytes = sizes.reduce((a, b) => a + b, 0);
    if (n > 0)
      text($('picked'), '已选 ' + count(n) + ' 人' + (all ? '' : '，可下载 ' + count(made) + ' 份，约 ' + size(bytes)));
    else
      text($('picked'), +pick.dataset.made ? '可下载 ' + count(pick.dataset.made) + ' 份，约 ' + size(+pick.dataset.bytes) : '');
    $('clear').hidden = n === 0;
    if (get) {
      text(get.querySelector('span'), n > 0 ? '批量下载' : '下载全部 ' + count(pick.dataset.made) + ' 份');
      get.disabled = n > 0 && made === 0;
    }
    const more = $('every');
    if (more) {
      more.hidden = all || on < list.length || on === 0 || +pick.dataset.total <= list.length;
      text(more.firstChild, '选择全部 ' + count(pick.dataset.total) + ' 人');
    }
    try { sessionStorage.setItem(kept, JSON.stringify([...ticked])); } catch { /* full, or not allowed */ }
  }
  function tick(box, on) {
    const r = row(box);
    box.checked = on;
    all = false;
    if (on) ticked.set(+r.dataset.s, +r.dataset.z);
    else ticked.delete(+r.dataset.s);
  }
  if (chosen) {
    let before = null;
    boxes().forEach((b) => { if (ticked.has(+row(b).dataset.s)) tick(b, true); });
    chosen.addEventListener('click', (ev) => {
      const box = ev.target;
      if (box.id === 'page') {
        boxes().forEach((b) => tick(b, box.checked));
      } else if (box.type === 'checkbox') {
        const list = boxes(), at = list.indexOf(box), from = list.indexOf(before);
        const part = ev.shiftKey && from >= 0 ? list.slice(Math.min(at, from), Math.max(at, from) + 1) : [box];
        part.forEach((b) => tick(b, box.checked));
        before = box;
      } else if (box.parentNode && box.parentNode.id === 'every') {
        all = true;
      } else {
        return;
      }
      show();
    });
    $('clear').addEventListener('click', () => {
      ticked.clear();
      all = false;
      boxes().forEach((b) => { b.checked = false; });
      show();
      $('page').focus();
    });
    chosen.addEventListener('submit', (ev) => {
      if (ev.submitter && ev.submitter.name === 'retry') return;
      ev.preventDefault();
      download();
    });
  }

  // --- the download: the browser's own; its progress is what the service has sent ---
  const panel = $('load');
  function put(tone, line, facts, value, max, label, act) {
    panel.className = 'going ' + tone;
    panel.hidden = false;
    if (!panel.firstChild) {
      const box = document.createElement('div'), b = document.createElement('b'), p = document.createElement('p');
      b.className = 'line';
      p.className = 'facts2';
      const bar = document.createElement('progress');
      bar.setAttribute('aria-label', '下载进度');
      box.append(b, bar, p);
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'btn';
      panel.append(box, button);
    }
    text(panel.querySelector('b'), line);
    const bar = panel.querySelector('progress'), p = panel.querySelector('p'), button = panel.querySelector('button');
    bar.hidden = !max;
    bar.max = max || 1;
    bar.value = value;
    facts.forEach((f, i) => {
      if (!p.children[i]) p.append(document.createElement('span'));
      text(p.children[i], f);
    });
    while (p.children.length > facts.length) p.lastChild.remove();
    text(button, label);
    button.onclick = act;
  }
  const close = () => { panel.hidden = true; };
  const say = (line) => text($('said'), line);

  async function download() {
    const form = new URLSearchParams();
    form.set('form_token', chosen.elements.form_token.value);
    form.set('json', '1');
    if (all || ticked.size === 0) {
      const here = new URLSearchParams(location.search);
      form.set('all', '1');
      if (all) ['state', 'q'].forEach((k) => { if (here.get(k)) form.set(k, here.get(k)); });
    } else {
      form.set('serials', ranges());
    }
    put('', '正在准备', ['正在核对文件'], 0, 0, '关闭', close);
    say('正在准备下载');
    let x = null;
    try {
      x = await ask(chosen.action, { method: 'POST', body: form });
    } catch { /* told below */ }
    if (!x || x.problem) {
      put('bad', '没有开始下载', [x ? x.problem : '网络中断或服务繁忙，请稍后重试。'], 0, 0, '关闭', close);
      say('没有开始下载');
      return;
    }
    start(x);
  }
  function start(x) {
    const title = count(x.files) + ' 份证书（ZIP，' + size(x.size) + '）';
    const samples = [];
    let still = 0, quarter = 0, stop = false;
    const go = () => { location.href = x.url; };
    put('', '正在准备　' + count(x.files) + ' 份证书，约 ' + size(x.size), ['正在核对文件'], 0, x.size, '关闭', close);
    go();
    every(1000, async () => {
      if (stop || panel.hidden) return false;
      const s = await ask(x.progress), now = performance.now();
      if (!s) return false;
      const part = Math.floor(s.sent / x.size * 100);
      still = samples.length && samples[samples.length - 1][1] === s.sent ? still + 1 : 0;
      samples.push([now, s.sent]);
      while (samples.length > 11) samples.shift();
      if (s.sent >= x.size) {
        put('ok', '下载完成　' + count(x.files) + ' 份证书，' + size(x.size),
          x.missing ? [count(x.missing) + ' 人未生成，已列入包内清单 manifest.csv'] : [], 0, 0, '关闭', close);
        say('下载完成');
        return false;
      }
      if (s.cut || still > 15) {
        put('bad', '下载中断　已传 ' + size(s.sent) + '（' + part + '%）', ['网络恢复后从断点继续'], s.sent, x.size,
          '继续下载', () => { close(); start(x); });
        say('下载中断');
        return false;
      }
      if (!s.sent) return true;
      const facts = ['已传 ' + size(s.sent) + '（' + part + '%）'];
      const first = samples[0], seconds = (now - first[0]) / 1000;
      if (samples.length > 3 && s.sent > first[1]) {
        const rate = (s.sent - first[1]) / seconds;
        facts.push((rate / 1e6).toFixed(1) + ' MB/秒', '剩余约 ' + span((x.size - s.sent) / rate));
      }
      put('', '正在下载　' + title, facts.concat('中断后可继续下载'), s.sent, x.size, '取消', () => {
        stop = true;
        close();
        const form = new URLSearchParams({ form_token: chosen.elements.form_token.value });
        ask(x.cancel, { method: 'POST', body: form }).catch(() => {});
      });
      if (Math.floor(part / 25) > quarter || samples.length === 1) {
        quarter = Math.floor(part / 25);
        say('正在下载，已传 ' + part + '%');
      }
      return true;
    });
  }

  // --- what is being made ---
  const going = $('going');
  function refresh() {
    load(location.href, (doc) => {
      if (!doc) return;
      const tabs = doc.getElementById('tabs'), size = doc.getElementById('pick');
      if (tabs && $('tabs')) $('tabs').replaceChildren(...[...tabs.children].map((c) => document.importNode(c, true)));
      if (pick && size) Object.assign(pick.dataset, { made: size.dataset.made, bytes: size.dataset.bytes });
      for (const r of document.querySelectorAll('#rows > tr')) {
        const fresh = doc.getElementById(r.id);
        if (!fresh || fresh.dataset.z === r.dataset.z && fresh.querySelector('.st').textContent === r.querySelector('.st').textContent)
          continue;
        const had = r.contains(document.activeElement) && !r.querySelector('.tick').contains(document.activeElement);
        ['cn', 'st', 'do'].forEach((c) => {
          r.querySelector('.' + c).replaceChildren(...document.importNode(fresh.querySelector('.' + c), true).childNodes);
        });
        r.dataset.z = fresh.dataset.z;
        if (ticked.has(+r.dataset.s)) ticked.set(+r.dataset.s, +r.dataset.z);
        if (had) r.querySelector('.do a').focus();
      }
      show();
    });
  }
  if (going && going.dataset.on === '1') {
    let turn = 0, quarter = -1;
    every(1000, async () => {
      const p = await ask(going.dataset.at);
      if (!p) return false;
      text(going.querySelector('.line'), p.line);
      const bar = going.querySelector('progress'), facts = going.querySelectorAll('.facts2 span');
      bar.hidden = !p.max;
      bar.max = p.max || 1;
      bar.value = p.value;
      facts.forEach((f, i) => text(f, p.facts[i] || ''));
      const now = p.max ? Math.floor(p.value / p.max * 4) : 0;
      if (now !== quarter) say(p.line);
      quarter = now;
      if (++turn % 2 === 0 || !p.on) refresh();
      if (!p.on) {
        going.hidden = !p.done;
        going.classList.toggle('ok', p.done);
      }
      return p.on;
    });
  }
  const again = document.querySelector('[data-again]');
  if (again) setTimeout(() => location.reload(), 1000 * again.dataset.again);

  // --- the drawer: the person's page, beside the list ---
  let opener = null;
  const list = location.href;
  function fill(doc) {
    const article = doc && doc.querySelector('article.person');
    if (!article) return false;
    drawer.replaceChildren(document.importNode(article, true));
    return true;
  }
  function open(url, push) {
    load(url, (doc) => {
      if (!fill(doc)) {
        location.href = url;
        return;
      }
      if (!drawer.open) drawer.showModal();
      drawer.scrollTop = 0;
      if (push) history.pushState({ drawer: true }, '', url);
    });
  }
  if (drawer) {
    document.addEventListener('click', (ev) => {
      const a = ev.target.closest && ev.target.closest('a');
      if (!a || ev.button || ev.ctrlKey || ev.metaKey || ev.shiftKey) return;
      if (a.closest('#drawer') && a.classList.contains('shut')) {
        ev.preventDefault();
        drawer.close();
      } else if (a.classList.contains('see') && innerWidth >= 1024) {
        ev.preventDefault();
        opener = a.closest('tr').id;
        open(a.href, true);
      }
    });
    drawer.addEventListener('submit', (ev) => {
      if (!ev.target.hasAttribute('data-inside')) return;
      ev.preventDefault();
      load(ev.target.action, (doc) => fill(doc) && drawer.querySelector('.full').scrollIntoView({ block: 'nearest' }), ev.target);
    });
    drawer.addEventListener('close', () => {
      drawer.replaceChildren();
      if (history.state && history.state.drawer) history.back();
      const r = opener && $(opener);
      if (r) r.querySelector('.do .see').focus();
    });
    drawer.addEventListener('click', (ev) => { if (ev.target === drawer) drawer.close(); });
    addEventListener('popstate', () => {
      if (drawer.open && location.href === list) drawer.close();
      else if (!drawer.open && history.state && history.state.drawer) open(location.href, false);
    });
  }

  // --- keys ---
  const keys = $('keys'), allow = $('keys-on');
  const on = () => { try { return localStorage.getItem('keys') !== 'off'; } catch { return true; } };
  let here = -1;
  function move(by) {
    const rows = [...document.querySelectorAll('tbody > tr')];
    if (!rows.length) return;
    here = Math.min(Math.max(here + by, 0), rows.length - 1);
    rows.forEach((r, i) => r.classList.toggle('here', i === here));
    rows[here].scrollIntoView({ block: 'nearest' });
    const first = rows[here].querySelector('.do a, .name a');
    if (first) first.focus();
  }
  const current = () => document.querySelectorAll('tbody > tr')[here];
  if (allow) {
    allow.checked = on();
    allow.addEventListener('change', () => { try { localStorage.setItem('keys', allow.checked ? 'on' : 'off'); } catch { /* not kept */ } });
  }
  document.addEventListener('keydown', (ev) => {
    if (ev.ctrlKey || ev.metaKey || ev.altKey || ev.isComposing) return;
    const at = ev.target, field = /^(TEXTAREA|SELECT)$/.test(at.tagName) || at.tagName === 'INPUT' && at.type !== 'checkbox';
    if (ev.key === 'Escape' && at.id === 'q') {
      if (new URLSearchParams(location.search).get('q')) location.href = location.pathname;
      at.value = '';
      return;
    }
    if (field || document.querySelector('dialog[open]')) return;
    if (ev.key === '?' && keys) { keys.showModal(); return; }
    if (!on()) return;
    const box = current() && current().querySelector('input[type=checkbox]');
    if (ev.key === '/') { const q = $('q') || $('fn'); if (q) { q.focus(); q.select(); } }
    else if (ev.key === 'j') move(1);
    else if (ev.key === 'k') move(-1);
    else if (ev.key === 'x' && box) { tick(box, !box.checked); show(); }
    else if (ev.key === 'd' && $('get') && !$('get').disabled) download();
    else return;
    ev.preventDefault();
  });
  document.querySelectorAll('tbody > tr').forEach((r, i) => r.addEventListener('focusin', () => { here = i; }));

  show();
  if (location.search.length > 1 && $('count') && !document.querySelector('.msg[role=alert]')) $('count').focus();
  const bad = document.querySelector('[aria-invalid]:not([autofocus])');
  if (bad) bad.focus();
})();
