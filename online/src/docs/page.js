"use strict";
// Draws /openapi.json and sends what is tried. Text goes into the page as text, never as HTML.

const make = (name, text, kind) => {
  const one = document.createElement(name);
  if (text !== undefined) one.textContent = text;
  if (kind) one.className = kind;
  return one;
};

const rows = (heads, all) => {
  const wide = make("div", undefined, "wide");
  const table = make("table");
  const head = make("tr");
  heads.forEach((text) => head.append(make("th", text)));
  table.append(head);
  all.forEach((cells) => {
    const row = make("tr");
    cells.forEach((cell) => {
      const one = make("td");
      one.append(cell instanceof Node ? cell : document.createTextNode(cell));
      row.append(one);
    });
    table.append(row);
  });
  wide.append(table);
  return wide;
};

const kindOf = (schema) => {
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "string" && schema.maxLength) return `string, at most ${schema.maxLength}`;
  if (schema.format === "date") return "date";
  return schema.type || "";
};

const fieldsOf = (schema, before) => Object.entries(schema.properties || {}).flatMap(([name, of]) => {
  const must = (schema.required || []).includes(name);
  const label = make("span", before + name, must ? "must" : "");
  return [[label, kindOf(of), of.description || ""], ...fieldsOf(of, `${before}${name}.`)];
});

const example = (schema, name) => {
  const known = { routing: "091000019", number: "1234567", description: "PAYOUT", sec: "PPD",
    amount_cents: 1250, name: "RECEIVER ONE", direction: "credit" };
  if (name in known) return known[name];
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object") {
    const must = Object.entries(schema.properties || {})
      .filter(([one]) => (schema.required || []).includes(one));
    return Object.fromEntries(must.map(([one, of]) => [one, example(of, one)]));
  }
  if (schema.type === "integer") return schema.minimum || 1;
  if (schema.type === "boolean") return false;
  if (schema.type === "array") return [];
  return "text";
};

const drawKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

const tried = (path, method, operation) => {
  const box = make("div");
  const inputs = new Map();
  (operation.parameters || []).forEach((one) => {
    const field = make("input");
    field.placeholder = one.name;
    field.setAttribute("aria-label", one.name);
    if (one.in === "header") field.value = drawKey();
    inputs.set(one, field);
    box.append(make("div", `${one.name} (${one.in})`, "about"), field);
  });
  const body = operation.requestBody && make("textarea");
  if (body) {
    const schema = operation.requestBody.content["application/json"].schema;
    body.value = JSON.stringify(example(schema, ""), null, 2);
    body.setAttribute("aria-label", "body");
    box.append(make("div", "body", "about"), body);
  }
  const send = make("button", "Send");
  const answer = make("pre");
  answer.hidden = true;
  send.addEventListener("click", async () => {
    let at = path;
    const query = new URLSearchParams();
    const headers = {};
    inputs.forEach((field, one) => {
      if (one.in === "path") at = at.replace(`{${one.name}}`, encodeURIComponent(field.value));
      else if (field.value && one.in === "query") query.set(one.name, field.value);
      else if (field.value && one.in === "header") headers[one.name] = field.value;
    });
    const key = document.getElementById("key").value.trim();
    if (key) headers.authorization = `Bearer ${key}`;
    if (body) headers["content-type"] = "application/json";
    const asked = query.toString() ? `${at}?${query}` : at;
    answer.hidden = false;
    try {
      const got = await fetch(asked, { method, headers, body: body ? body.value : undefined });
      const text = await got.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON */ }
      answer.textContent = `${got.status} ${got.statusText}\n\n${shown}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  box.append(send, answer);
  return box;
};

const route = (path, method, operation) => {
  const one = make("details");
  const head = make("summary");
  head.append(make("span", method.toUpperCase(), `method ${method.toUpperCase()}`),
    make("code", path), make("span", operation.summary || "", "about"));
  one.append(head);
  one.addEventListener("toggle", () => {
    if (!one.open || one.querySelector(".inside")) return;
    const inside = make("div", undefined, "inside");
    if (operation["x-scope"]) inside.append(make("p", `Scope: ${operation["x-scope"]}`, "about"));
    const parameters = operation.parameters || [];
    if (parameters.length) {
      inside.append(make("h3", "Parameters"), rows(["name", "in", "what it is"],
        parameters.map((p) => [make("span", p.name, p.required ? "must" : ""), p.in, p.description])));
    }
    if (operation.requestBody) {
      const schema = operation.requestBody.content["application/json"].schema;
      inside.append(make("h3", "Body"), rows(["field", "kind", "what it is"], fieldsOf(schema, "")));
    }
    const answers = Object.entries(operation.responses).map(([status, of]) => [status, of.description]);
    inside.append(make("h3", "Answers"), rows(["status", "what it says"], answers),
      make("h3", "Try it"), tried(path, method, operation));
    one.append(inside);
  });
  return one;
};

const draw = async () => {
  const main = document.getElementById("routes");
  const description = await (await fetch("/openapi.json")).json();
  main.replaceChildren();
  const groups = new Map((description.tags || []).map((tag) => {
    const one = make("section");
    one.append(make("h2", tag.name), make("p", tag.description, "about"));
    return [tag.name, one];
  }));
  Object.entries(description.paths).forEach(([path, methods]) => {
    Object.entries(methods).forEach(([method, of]) => {
      const group = groups.get((of.tags || [])[0]) || main;
      group.append(route(path, method, of));
    });
  });
  main.prepend(...groups.values());
};

draw();
