(function () {
  "use strict";
  var form = document.getElementById("filters");
  var all = function (selector) {
    return Array.prototype.slice.call(document.querySelectorAll(selector));
  };
  var items = all(".item");
  var documents = all("main > section");
  var chosen = function (name) {
    var values = {};
    Array.prototype.forEach.call(form.elements, function (input) {
      if (input.name === name && input.checked) {
        values[input.value] = true;
      }
    });
    return values;
  };
  var apply = function () {
    var severities = chosen("severity");
    var categories = chosen("category");
    var words = form.elements.words.value.trim().toLowerCase();
    var shown = 0;
    items.forEach(function (item) {
      var show = severities[item.getAttribute("data-severity")] === true
        && categories[item.getAttribute("data-category")] === true
        && (words === "" || (item.textContent + item.getAttribute("data-path")).toLowerCase().indexOf(words) >= 0);
      item.hidden = !show;
      shown += show ? 1 : 0;
    });
    documents.forEach(function (section) {
      section.hidden = section.querySelector(".item:not([hidden]), .problem") === null;
    });
    document.getElementById("shown").textContent = shown + " / " + items.length;
  };
  form.addEventListener("input", apply);
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
  });
  form.hidden = false;
  apply();
}());
