// console.js - makes the console's pages quicker; without it every form and link does the same.
'use strict';
(() => {
  const doc = document;
  const $ = (id) => doc.getElementById(id);
  const one = (s, at = doc) => at.querySelector(s);
  const every = (s, at = doc) => [...at.querySelectorAll(s)];
  const pick = $('pick'), chosen = $('chosen'), drawer = $('drawer'), get = $('get'), page = $('page');
  doc.documentElement.classList.add('js');

  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  const size = (n) => n < 1e6 ? Math.ceil(n / 1000) + ' KB'
    : n < 1e9 ? (Math.floor(n / 1e5) / 10).toFixed(1) + ' MB' : (Math.floor(n / 1e8) / 10).toFixed(1) + ' GB';
  const span = (s) => s < 60 ? Math.max(1, Math.round(s)) + ' 秒' : s < 3600 ? Math.ceil(s / 60) + ' 分钟'
    : Math.floor(s / 3600) + ' 小时 ' + Math.floor(s % 3600 / 60) + ' 分';
  const text = (el, value) => { if (el.textContent !== value) el.textContent = value; };
  const say = (line) => text($('said'), line);

  // A page of ours as a document: nothing in it runs, its parts are taken over as they are.
  function load(url, done, form) {
    const x = new XMLHttpRequest();
    x.open(form ? 'POST' : 'GET', url);
    x.responseType = 'document';
    x.timeout = 20000;
    x.onload = () => done(x.status === 200 && x.response);
    x.onerror = x.ontimeout = () => done(null);
    x.send(form ? new URLSearchParams(new FormData(form)) : null);
  }
  // Each second while the page is seen, slower while it fails; step tells whether to go on.
  function again(step) {
    let wait = 1000;
    const go = () => setTimeout(async () => {
      if (doc.hidden) {
        doc.addEventListener('visibilitychange', go, { once: true });
        return;
      }
      try {
        if (!await step()) return;
        wait = 1000;
      } catch {
        wait = Math.min(wait * 2, 15000);
      }
      go();
    }, wait);
    go();
  }
  async function ask(url, form) {
    const answer = await fetch(url, { headers: { Accept: 'application/json' }, method: form ? 'POST' : 'GET', body: form });
    if (answer.status >= 500) throw answer;
    return answer.json();
  }
  const kept = (where, name, value) => {
    try {
      return value === undefined ? where().getItem(name) : where().setItem(name, value);
    } catch {
      return null;
    }
  };
  const session = () => sessionStorage, local = () => localStorage;

  // --- what is ticked: serial -> bytes, also of other pages of the list ---
  const mine = pick && 'picked-' + pick.dataset.filing;
  let all = false;
  let ticked = new Map(pick && JSON.parse(kept(session, mine)) || []);
  const boxes = () => every('#rows input');
  const row = (box) => box.closest('tr');

  function ranges() {
    const out = [];
    for (const n of [...ticked.keys()].sort((a, b) => a - b)) {
      const last = out[out.length - 1];
      if (last && last[1] === n - 1) last[1] = n;
      else out.push([n, n]);
    }
    return out.map((r) => r.join('-')).join();
  }
  function show() {
    if (!chosen) return;
    const list = boxes(), on = list.filter((b) => b.checked).length;
    const { total, made, bytes } = pick.dataset;
    list.forEach((b) => row(b).classList.toggle('sel', b.checked));
    page.checked = on > 0 && on === list.length;
    page.indeterminate = on > 0 && on < list.length;
    const n = all ? +total : ticked.size, sizes = [...ticked.values()].filter((z) => z > 0);
    text($('picked'), all ? '已选 ' + count(n) + ' 人'
      : n ? '已选 ' + count(n) + ' 人，可下载 ' + count(sizes.length) + ' 份，约 ' + size(sizes.reduce((a, b) => a + b, 0))
        : +made ? '可下载 ' + count(made) + ' 份，约 ' + size(+bytes) : '');
    $('clear').hidden = !n;
    if (get) {
      text(one('span', get), n ? '批量下载' : '下载全部 ' + count(made) + ' 份');
      get.disabled = n > 0 && !all && !sizes.length;
    }
    $('every').hidden = all || !page.checked || +total <= list.length;
    text($('every').firstChild, '选择全部 ' + count(total) + ' 人');
    kept(session, mine, JSON.stringify([...ticked]));
  }
  function tick(box, on) {
    const { s, z } = row(box).dataset;
    box.checked = on;
    all = false;
    if (on) ticked.set(+s, +z);
    else ticked.delete(+s);
  }
  if (chosen) {
    let before = null;
    boxes().forEach((b) => tick(b, ticked.has(+row(b).dataset.s)));
    chosen.addEventListener('click', (ev) => {
      const box = ev.target, list = boxes();
      if (box === page) {
        list.forEach((b) => tick(b, page.checked));
      } else if (box.type === 'checkbox') {
        const at = list.indexOf(box), from = ev.shiftKey ? list.indexOf(before) : -1;
        (from < 0 ? [box] : list.slice(Math.min(at, from), Math.max(at, from) + 1)).forEach((b) => tick(b, box.checked));
        before = box;
      } else if (box.parentNode.id === 'every') {
        all = true;
      } else {
        return;
      }
      show();
    });
    $('clear').onclick = () => {
      boxes().forEach((b) => tick(b, false));
      ticked.clear();
      show();
      page.focus();
    };
    chosen.addEventListener('submit', (ev) => {
      if (ev.submitter && ev.submitter.name === 'retry') return;
      ev.preventDefault();
      download();
    });
  }

  // --- the download: the browser's own; its progress is what the service has sent ---
  const panel = $('load');
  const close = () => { panel.hidden = true; };
  function put(tone, line, facts, value, max, label = '关闭', act = close) {
    const bar = one('progress', panel), button = one('button', panel);
    panel.className = 'going ' + tone;
    panel.hidden = false;
    text(one('b', panel), line);
    bar.hidden = !max;
    bar.max = max || 1;
    bar.value = value || 0;
    every('span', panel).forEach((s, i) => text(s, facts[i] || ''));
    text(button, label);
    button.className = label === '继续下载' ? 'btn main' : 'btn';
    button.onclick = act;
  }
  const form = (fields) => new URLSearchParams({ form_token: chosen.elements.form_token.value, ...fields });

  async function download() {
    const fields = all || !ticked.size ? { all: 1 } : { serials: ranges() };
    const here = new URLSearchParams(location.search);
    if (all) ['state', 'q'].forEach((k) => { fields[k] = here.get(k) || ''; });
    put('', '正在准备', ['正在核对文件']);
    say('正在准备下载');
    try {
      const x = await ask(chosen.action, form(fields));
      if (x.url) start(x);
      else put('bad', '没有开始下载', [x.problem]);
    } catch {
      put('bad', '没有开始下载', ['网络中断或服务繁忙，请稍后重试。']);
    }
  }
  function start(x) {
    const samples = [];
    let still = 0, quarter = -1, stop = false;
    const cancel = () => {
      stop = true;
      close();
      ask(x.cancel, form()).catch(() => {});
    };
    put('', '正在准备　' + count(x.files) + ' 份证书，约 ' + size(x.size), ['正在核对文件'], 0, 0, '取消', cancel);
    location.href = x.url;
    again(async () => {
      if (stop || panel.hidden) return false;
      const { sent, cut } = await ask(x.progress), now = performance.now();
      const told = '已传 ' + size(sent) + '（' + Math.floor(sent / x.size * 100) + '%）';
      const last = samples[samples.length - 1];
      still = last && last[1] === sent ? still + 1 : 0;
      samples.push([now, sent]);
      if (samples.length > 11) samples.shift();
      if (sent >= x.size) {
        put('ok', '下载完成　' + count(x.files) + ' 份证书，' + size(x.size),
          x.missing ? [count(x.missing) + ' 人未生成，已列入包内清单 manifest.csv'] : []);
        say('下载完成');
        return false;
      }
      if (cut || still > 15) {
        put('bad', '下载中断　' + told, ['网络恢复后从断点继续'], sent, x.size, '继续下载', () => start(x));
        say('下载中断');
        return false;
      }
      if (!sent) return true;
      const facts = [told], rate = (sent - samples[0][1]) / (now - samples[0][0]) * 1000;
      if (samples.length > 3 && rate > 0)
        facts.push((rate / 1e6).toFixed(1) + ' MB/秒', '剩余约 ' + span((x.size - sent) / rate));
      put('', '正在下载　' + count(x.files) + ' 份证书（ZIP，' + size(x.size) + '）', facts.concat('中断后可继续下载'), sent,
        x.size, '取消', cancel);
      if (Math.floor(sent / x.size * 4) > quarter) {
        quarter = Math.floor(sent / x.size * 4);
        say('正在下载，' + told);
      }
      return true;
    });
  }

  // --- what is being made ---
  const going = $('going');
  const tab = one('.tabs [aria-current]');
  if (tab) tab.parentNode.scrollLeft = tab.offsetLeft - 48;
  const take = (to, from) => to.replaceChildren(...doc.importNode(from, true).childNodes);
  function refresh() {
    load(location.href, (fresh) => {
      if (!fresh || !fresh.getElementById('tabs')) return;
      take($('tabs'), fresh.getElementById('tabs'));
      if (pick) Object.assign(pick.dataset, fresh.getElementById('pick').dataset);
      for (const r of every('#rows > tr')) {
        const f = fresh.getElementById(r.id);
        if (!f || one('.st', f).textContent === one('.st', r).textContent) continue;
        const had = one('.do', r).contains(doc.activeElement);
        ['.cn', '.st', '.do'].forEach((c) => take(one(c, r), one(c, f)));
        r.dataset.z = f.dataset.z;
        if (ticked.has(+r.dataset.s)) ticked.set(+r.dataset.s, +r.dataset.z);
        if (had) one('.do a', r).focus();
      }
      show();
    });
  }
  if (going && going.dataset.on === '1') {
    let turn = 0, quarter = -1;
    again(async () => {
      const p = await ask(going.dataset.at), bar = one('progress', going);
      if (p.problem) return false;
      text(one('.line', going), p.line);
      bar.hidden = !p.max;
      bar.max = p.max || 1;
      bar.value = p.value;
      every('.facts2 span', going).forEach((f, i) => text(f, p.facts[i]));
      const now = Math.floor(p.value / (p.max || 1) * 4);
      if (now !== quarter) say(p.line);
      quarter = now;
      if (++turn % 2 === 0 || !p.on) refresh();
      if (!p.on) {
        going.hidden = !p.done;
        going.classList.add('ok');
        // the buttons beside the list are those of a filing that is made
        if (!get) location.reload();
      }
      return p.on;
    });
  }
  if (one('[data-again]')) setTimeout(() => location.reload(), 2000);

  // --- the drawer: the person's page, beside the list ---
  let opener = null;
  const list = location.href;
  function fill(other) {
    const article = other && one('article.person', other);
    if (article) drawer.replaceChildren(doc.importNode(article, true));
    return article;
  }
  function open(url, push) {
    load(url, (other) => {
      if (!fill(other)) {
        location.href = url;
        return;
      }
      if (!drawer.open) drawer.showModal();
      if (push) history.pushState({ drawer: true }, '', url);
    });
  }
  if (drawer) {
    doc.addEventListener('click', (ev) => {
      const a = ev.target.closest('a');
      if (!a || ev.button || ev.ctrlKey || ev.metaKey || ev.shiftKey) return;
      if (a.matches('#drawer .shut')) drawer.close();
      else if (a.matches('.see') && innerWidth >= 1024) {
        opener = row(a);
        open(a.href, true);
      } else return;
      ev.preventDefault();
    });
    drawer.addEventListener('submit', (ev) => {
      if (!ev.target.hasAttribute('data-inside')) return;
      ev.preventDefault();
      load(ev.target.action, fill, ev.target);
    });
    drawer.addEventListener('close', () => {
      drawer.replaceChildren();
      if (history.state && history.state.drawer) history.back();
      if (opener) one('.do .see', opener).focus();
    });
    drawer.onclick = (ev) => { if (ev.target === drawer) drawer.close(); };
    addEventListener('popstate', () => {
      if (drawer.open && location.href === list) drawer.close();
      else if (!drawer.open && history.state && history.state.drawer) open(location.href);
    });
  }

  // --- keys ---
  const keys = $('keys'), allow = $('keys-on');
  let here = -1;
  const rows = () => every('tbody > tr');
  function move(by) {
    const list = rows();
    here = Math.min(Math.max(here + by, 0), list.length - 1);
    if (here < 0) return;
    list.forEach((r, i) => r.classList.toggle('here', i === here));
    list[here].scrollIntoView({ block: 'nearest' });
    one('.do a, .name a', list[here]).focus();
  }
  if (allow) {
    allow.checked = kept(local, 'keys') !== 'off';
    allow.onchange = () => kept(local, 'keys', allow.checked ? 'on' : 'off');
  }
  doc.addEventListener('keydown', (ev) => {
    if (ev.ctrlKey || ev.metaKey || ev.altKey || ev.isComposing) return;
    const at = ev.target, key = ev.key;
    if (key === 'Escape' && at.id === 'q') {
      if (/[?&]q=[^&]/.test(location.search)) location.href = location.pathname;
      at.value = '';
    }
    if (at.matches('textarea,select,input:not([type=checkbox])') || one('dialog[open]')) return;
    if (key === '?' && keys) keys.showModal();
    if (allow && !allow.checked) return;
    const r = rows()[here], box = r && one('input', r);
    if (key === '/') ($('q') || $('fn') || at).focus();
    else if (key === 'j') move(1);
    else if (key === 'k') move(-1);
    else if (key === 'x' && box) { tick(box, !box.checked); show(); }
    else if (key === 'd' && get && !get.disabled) download();
    else return;
    ev.preventDefault();
  });
  rows().forEach((r, i) => r.addEventListener('focusin', () => { here = i; }));

  show();
  const bad = one('[aria-invalid]:not([autofocus])');
  if (bad) bad.focus();
  else if (/[?&](q|state|page|name)=/.test(location.search) && $('count')) $('count').focus();
})();
