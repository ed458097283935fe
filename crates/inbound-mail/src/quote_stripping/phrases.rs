//! Phrases that mail programs write around a quote, in many languages and in lower case.

/// "wrote"; counts only at the end of its line or beside a date or an address.
pub(super) const WROTE: &str = "wrote|writes|schrieb|geschrieben|a écrit|a ecrit|écrivait|escribió|escribio|\
    escribe|ha scritto|scrive|escreveu|schreef|schrijft|het volgende geschreven|napisał|napisal|\
    pisze|skrev|skriver|kirjoitti|napsal|napísal|írta|a scris|пишет|написал|написала|yazdı|\
    のメール|写道|寫道";

/// How an attribution begins.
pub(super) const OPENINGS: &str = "on |am |le |el |il |em |op |w dniu |dnia |den |pe |dne |vào |a(z) |på |në |no dia |at |lørdag|\
    søndag|mandag|tirsdag|onsdag|torsdag|fredag";

/// The text between dashes above an earlier message.
pub(super) const ORIGINAL: &str = "original message|original-nachricht|ursprüngliche nachricht|originalnachricht|\
    weitergeleitete nachricht|urspruengliche nachricht|message d'origine|message d\u{2019}origine|\
    message original|message transféré|mensaje original|mensaje reenviado|messaggio originale|\
    messaggio inoltrato|mensagem original|mensagem encaminhada|oorspronkelijk bericht|\
    origineel bericht|doorgestuurd bericht|wiadomość oryginalna|oryginalna wiadomość|\
    wiadomość przekazana dalej|ursprungligt meddelande|originalmeddelande|\
    vidarebefordrat meddelande|oprindelig meddelelse|opprinnelig melding|alkuperäinen viesti|\
    forwarded message|reply message|původní zpráva|eredeti üzenet|исходное сообщение|\
    original appointment";

/// Labels of Outlook's header block: the sender.
pub(super) const FROM: &str = "from|von|de|da|van|od|från|fra|lähettäjä|expéditeur|от|发件人|差出人";
/// Its date.
pub(super) const SENT: &str = "sent|date|gesendet|datum|envoyé|enviado|enviada|enviado el|enviado em|enviada em|fecha|data|\
    inviato|data invio|verzonden|wysłano|skickat|sendt|lähetetty|dato|отправлено|дата|发送时间|送信日時|\
    envoyé le|gesendet am";
/// Its recipient or subject.
pub(super) const TO_OR_SUBJECT: &str = "to|subject|an|betreff|à|objet|para|asunto|a|oggetto|assunto|aan|onderwerp|do|temat|till|ämne|\
    til|emne|vastaanottaja|aihe|кому|тема|收件人|主题|宛先|件名";

/// Beginnings of footers that telephones and mail programs add.
pub(super) const FOOTERS: &str = "sent from my |sent from mail for |sent from outlook|sent from yahoo|sent from proton|\
    sent with proton|sent via |sent using |sent with |get outlook for |von meinem |\
    gesendet von meinem |gesendet von mail |gesendet mit |diese nachricht wurde von meinem |\
    envoyé de mon |envoyé depuis |envoyé à partir de |enviado desde |enviado do |enviado de mi |\
    enviado a partir |inviato da |inviato dal |verstuurd vanaf |verzonden vanaf |wysłane z |\
    wysłano z |skickat från |sendt fra |lähetetty |outlook für android beziehen|\
    outlook für ios beziehen|télécharger outlook|obtener outlook|scarica outlook|obter o outlook|\
    отправлено с |отправлено из |iphoneから送信|发自我的|please excuse my brevity";
