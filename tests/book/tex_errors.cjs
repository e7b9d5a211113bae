// Reads a list of formulas from standard input, prints the list of [formula, MathJax's complaint].
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const folder = process.argv[2];
require(`${folder}/node-main.js`)
  .init({
    loader: { paths: { mathjax: folder }, load: ["input/tex-full"] },
    tex: { packages: { "[-]": ["noerrors", "noundefined", "physics", "colorv2", "bussproofs"] } },
  })
  .then((MathJax) => {
    const complaints = [];
    for (const formula of formulas) {
      MathJax.texReset();
      const error = /<merror[^>]*data-mjx-error="([^"]*)"/.exec(MathJax.tex2mml(formula));
      if (error) complaints.push([formula, error[1]]);
    }
    console.log(JSON.stringify(complaints));
  })
  .catch((error) => { console.error(error); process.exit(1); });
