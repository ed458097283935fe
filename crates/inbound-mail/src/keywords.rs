//! Recognises two keywords that can be a whole message: thanks and stop.

/// The alternatives of a list that is written as one text, separated by bars.
pub(crate) fn alternatives(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|')
}

/// Maximum words of a thanks.
const MAX_THANKS_WORDS: usize = 12;

/// Phrases that are a thanks on their own.
const THANKS: &str = "thanks|thank you|thankyou|thx|ty|cheers|many thanks|much appreciated|danke|dankeschön|\
    danke schön|vielen dank|besten dank|herzlichen dank|merci|merci beaucoup|gracias|\
    muchas gracias|grazie|grazie mille|obrigado|obrigada|muito obrigado|muito obrigada|bedankt|\
    dank je|dank u|dankjewel|dank u wel|dziękuję|dzięki|dziekuje|tack|tack så mycket|takk|tak|\
    kiitos|děkuji|ďakujem|köszönöm|mulțumesc|спасибо|благодарю|teşekkürler|ありがとうございます|ありがとうございました|\
    谢谢|謝謝|감사합니다";

/// Courtesies that may stand beside a thanks: parts between commas and full stops that equal or begin with these.
const COURTESIES: &str = "hi|hello|hey|dear|hallo|guten tag|liebe|bonjour|hola|ciao|olá|dag|cześć|hej|ok|okay|great|\
    perfect|super|got it|it works|works|that works|it works now|works now|that worked|that did it|\
    all good|works fine|solved|problem solved|have a nice day|have a great day|have a good one|\
    best|best regards|kind regards|regards|all the best|es funktioniert|funktioniert|jetzt geht es|\
    jetzt gehts|klappt|hat geklappt|perfekt|alles klar|mit freundlichen grüßen|viele grüße|\
    liebe grüße|beste grüße|schönen tag|lg|mfg|vg|ça marche|parfait|cordialement|bien cordialement|\
    bonne journée|perfecto|funciona|saludos|un saludo|perfetto|funziona|cordiali saluti|saluti|\
    perfeito|abraço|groeten|groetjes|met vriendelijke groet|pozdrawiam|działa|mvh|\
    vänliga hälsningar|fungerar";

/// Whether a text says thanks and nothing else: short, without a question, a "but" or a link.
#[must_use]
pub fn is_thanks(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 400 || text.split_whitespace().count() > MAX_THANKS_WORDS {
        return false;
    }
    if text.contains(['?', '？', '¿', '@', '/']) || text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let lower = text.to_lowercase();
    let pieces: Vec<&str> = lower
        .split(|c: char| {
            matches!(c, '.' | ',' | '!' | ';' | ':' | '\n' | '-' | '–' | '—' | '(' | ')' | '。' | '！' | '、')
        })
        .map(|piece| piece.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|piece| !piece.is_empty())
        .collect();
    let mut thanked = false;
    for (n, piece) in pieces.iter().enumerate() {
        if says_thanks(piece) {
            thanked = true;
        } else if !(is_courtesy(piece) || is_name(piece) && thanked && n + 1 == pieces.len()) {
            return false;
        }
    }
    thanked
}

/// A thanks, perhaps for something: "thanks a lot", "thank you for your help", "thanks Anna".
fn says_thanks(piece: &str) -> bool {
    const MORE: &str = "|a lot|so much|very much|again|a million|a bunch|all|everyone|for your help|for the help|\
    for the quick reply|for your quick reply|for the quick response|for the fast reply|\
    for everything|for your support|that works|it works|it works now|that worked|that helped|\
    indeed|schön|sehr|nochmals|noch mal|für die schnelle antwort|für die hilfe|für ihre hilfe|\
    für deine hilfe|für die schnelle hilfe|ihnen|dir|euch|beaucoup|infiniment|à vous|\
    pour votre aide|pour votre réponse|por su ayuda|por la ayuda|mil|mille|per l'aiuto|\
    per il supporto|pela ajuda|voor de hulp|bardzo|za pomoc|så mycket|för hjälpen|and best regards|\
    and kind regards|und viele grüße|und liebe grüße";
    let begins = |piece: &str| {
        alternatives(THANKS).any(|thanks| {
            piece.strip_prefix(thanks).is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with(' ')
                        && (alternatives(MORE).any(|more| more == rest.trim()) || is_name(rest.trim()))
            })
        })
    };
    begins(piece)
        || ["ok ", "okay ", "great ", "perfect ", "super ", "and "]
            .iter()
            .any(|word| piece.strip_prefix(word).is_some_and(begins))
}

fn is_courtesy(piece: &str) -> bool {
    alternatives(COURTESIES).any(|known| {
        piece == known
            || ["hi", "hello", "hey", "dear", "hallo", "liebe", "bonjour", "hola", "ciao"].contains(&known)
                && piece.strip_prefix(known).is_some_and(|rest| rest.starts_with(' ') && is_name(rest.trim()))
    })
}

/// One word that may be a name, and not a word with which a request goes on.
fn is_name(piece: &str) -> bool {
    const NO_NAME: &str = "but|however|please|refund|cancel|still|no|not|help|urgent|stop|aber|bitte|nein|nicht|trotzdem|\
    mais|non|pero|nothing|für|for";
    !piece.is_empty()
        && !piece.contains(' ')
        && piece.chars().all(|c| c.is_alphabetic() || c == '\'')
        && alternatives(NO_NAME).all(|no| no != piece)
}

/// Whether the text, or the subject when the text is empty, says "stop" and nothing else.
#[must_use]
pub fn is_stop(text: &str, subject: &str) -> bool {
    const STOP: &str = "stop|please stop|stop it|stop please|unsubscribe|unsubscribe me|please unsubscribe|\
    please unsubscribe me|remove me|please remove me|opt out|opt-out|optout|stop mailing me|\
    stop emailing me|stop writing to me|abmelden|abbestellen|bitte abmelden|stopp|austragen|\
    bitte austragen|désabonner|désinscription|me désabonner|arrêtez|se désinscrire|darse de baja|\
    baja|cancelar suscripción|cancellami|disiscrivimi|annulla iscrizione|cancelar inscrição|\
    descadastrar|afmelden|uitschrijven|wypisz mnie|wypisz|avregistrera|avsluta prenumeration|\
    отписаться|стоп|配信停止|退订";
    let said = if text.trim().is_empty() { subject } else { text };
    if said.len() > 100 {
        return false;
    }
    let lower = said.to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<_> = bare.split_whitespace().collect();
    {
        let said = words.join(" ");
        alternatives(STOP).any(|stop| stop == said)
    }
}
