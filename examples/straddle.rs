use jieba_rs::Jieba;
use std::collections::*;
use zhengming::lexicon::Layer;
use zhengming::*;
fn main() {
    let t = std::time::Instant::now();
    let j = Jieba::new();
    eprintln!("jieba {:?}", t.elapsed());
    let lex = Lexicon::load(&[Layer::builtin()]).unwrap();
    let mut chars: BTreeSet<char> = BTreeSet::new();
    let corpus: String = std::env::args()
        .nth(1)
        .map(|p| std::fs::read_to_string(p).unwrap())
        .unwrap();
    chars.extend(
        corpus
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)),
    );
    let forms: Vec<Vec<char>> = lex
        .entries()
        .flat_map(|e| e.forbidden.iter())
        .map(|f| f.chars().collect::<Vec<_>>())
        .filter(|f| f.len() == 2 || f.len() == 3)
        .collect();
    eprintln!("forms {} chars {}", forms.len(), chars.len());
    let mut ends: BTreeSet<char> = BTreeSet::new();
    for f in &forms {
        for k in 1..f.len() {
            ends.insert(f[k - 1]);
            ends.insert(f[k]);
        }
    }
    eprintln!("ends {} {:?}", ends.len(), t.elapsed());
    let mut words: HashMap<String, usize> = HashMap::new();
    let mut buf = String::new();
    for &a in &ends {
        buf.clear();
        for &c in &chars {
            buf.push(c);
            buf.push(a);
        }
        buf.push('。');
        for w in j.cut_all(&buf) {
            if w.chars().count() == 2 && (w.contains(a)) && !words.contains_key(w) {
                let f = j.suggest_freq(w);
                words.insert(w.to_owned(), f);
            }
        }
    }
    eprintln!("two-char {} {:?}", words.len(), t.elapsed());
    let mut n = 0;
    for w in j.cut_all(&corpus) {
        if w.chars().count() >= 2
            && w.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
            && !words.contains_key(w)
        {
            n += 1;
            let f = j.suggest_freq(w);
            words.insert(w.to_owned(), f);
        }
    }
    eprintln!("corpus words {n} {:?}", t.elapsed());
    for &c in &chars {
        let w = c.to_string();
        let f = j.suggest_freq(&w);
        if f >= 50000 {
            words.insert(w, f);
        }
    }
    let mut v: Vec<_> = words.into_iter().collect();
    v.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    for (w, f) in v.iter().take(20) {
        eprintln!("{w} {f}")
    }

    let min: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let minscore: f64 = std::env::args().nth(3).unwrap().parse().unwrap();
    let top: usize = std::env::args().nth(4).unwrap().parse().unwrap();
    let v: Vec<_> = v
        .into_iter()
        .filter(|x| x.1 >= min)
        .filter(|x| {
            let t = j.tag(&x.0, false);
            !(t.len() == 1 && t[0].tag.starts_with("nr"))
        })
        .collect();
    // index
    let mut begins: HashMap<String, Vec<usize>> = HashMap::new();
    let mut ending: HashMap<String, Vec<usize>> = HashMap::new();
    for (n, (w, _)) in v.iter().enumerate() {
        let c: Vec<char> = w.chars().collect();
        for k in 1..=2 {
            if c.len() >= k {
                begins.entry(c[..k].iter().collect()).or_default().push(n);
                ending
                    .entry(c[c.len() - k..].iter().collect())
                    .or_default()
                    .push(n);
            }
        }
    }
    let mut phrases: Vec<(String, String, String, f64)> = vec![];
    for f in &forms {
        for k in 1..f.len() {
            let a: String = f[..k].iter().collect();
            let b: String = f[k..].iter().collect();
            let (Some(l), Some(r)) = (ending.get(&a), begins.get(&b)) else {
                continue;
            };
            for &x in l.iter().take(top) {
                for &y in r.iter().take(top) {
                    let s = v[x].1 as f64 * v[y].1 as f64 / 6e7;
                    if s >= minscore && (v[x].0.chars().count() > 1 || v[y].0.chars().count() > 1) {
                        phrases.push((f.iter().collect(), v[x].0.clone(), v[y].0.clone(), s));
                    }
                }
            }
        }
    }
    eprintln!("phrases {} {:?}", phrases.len(), t.elapsed());
    let text: String = phrases
        .iter()
        .map(|(_, a, b, _)| format!("关于{a}{b}。\n\n"))
        .collect();
    let d = Document::parse("x.txt", text.into_bytes(), &ReadOptions::default()).unwrap();
    let linter = Linter::new(&lex, &Config::default()).unwrap();
    let mut hits: BTreeMap<String, Vec<(f64, String, String)>> = BTreeMap::new();
    let mut n = 0;
    for x in linter.lint(&d) {
        let k = (x.spans[0].start.line - 1) / 2;
        let p = &phrases[k];
        if x.found == p.0 {
            n += 1;
            hits.entry(x.found.clone()).or_default().push((
                p.3,
                format!("{}|{}", p.1, p.2),
                x.rule.clone(),
            ));
        }
    }
    eprintln!("hits {n} forms {} {:?}", hits.len(), t.elapsed());
    let mut h: Vec<_> = hits.into_iter().collect();
    for x in &mut h {
        x.1.sort_by(|a, b| b.0.total_cmp(&a.0));
    }
    h.sort_by(|a, b| b.1[0].0.total_cmp(&a.1[0].0));
    for (f, l) in h {
        println!(
            "{f}\t{}\t{:.2}\t{}\t{}",
            l[0].2,
            l[0].0,
            l.len(),
            l.iter()
                .take(8)
                .map(|x| x.1.clone())
                .collect::<Vec<_>>()
                .join(" ")
        );
    }
}
