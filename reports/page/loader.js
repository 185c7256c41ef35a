// Unpacks the page's data and code, both deflated. The code's hash stands in the page's policy.
(async () => {
  const unpack = async (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Response(stream).text();
  };
  try {
    const [payload, bundle] = await Promise.all([unpack('payload'), unpack('bundle')]);
    globalThis.assayPayload = JSON.parse(payload);
    const script = document.createElement('script');
    script.textContent = bundle;
    document.head.append(script);
  } catch (error) {
    const note = document.createElement('p');
    note.className = 'hint';
    note.textContent = 'Charts and programs need a browser of 2023 or later; the tables below are complete without. (' + error + ')';
    document.querySelector('header').append(note);
  }
})();
