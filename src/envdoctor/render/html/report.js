"use strict";
(function () {
  const said = document.getElementById("said");
  let quiet = 0;

  function say(words) {
    said.textContent = words;
    clearTimeout(quiet);
    quiet = setTimeout(function () { said.textContent = ""; }, 2000);
  }

  // The clipboard of the browser is refused to pages that are opened as files in some of them.
  function copyBySelecting(source) {
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const copied = document.execCommand("copy");
    if (copied) { selection.removeAllRanges(); }
    say(copied ? "Copied" : "Selected: copy it with the keyboard");
  }

  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    button.addEventListener("click", function () {
      const source = document.getElementById(button.dataset.copy);
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(source.textContent).then(function () { say("Copied"); }, function () { copyBySelecting(source); });
      } else {
        copyBySelecting(source);
      }
    });
  });

  document.querySelectorAll("input[data-table]").forEach(function (input) {
    const rows = Array.from(document.querySelectorAll("#" + input.dataset.table + " tbody tr"));
    const found = document.getElementById("found");
    input.addEventListener("input", function () {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach(function (row) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.includes(word); });
        count += row.hidden ? 0 : 1;
      });
      found.textContent = words.length ? count + " of " + rows.length : "";
    });
  });
})();
