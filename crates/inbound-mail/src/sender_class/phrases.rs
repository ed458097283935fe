//! Phrases of mail servers and auto-responders, in lower case, separated by bars. A phrase that a person may write is
//! only in a list that needs another sign.

/// Beginnings of a bounce's subject.
pub(super) const BOUNCED: &str = "undelivered mail returned to sender|undeliverable|delivery status notification|failure notice|mail delivery fail|\
    delivery failure|returned mail|mail returned|returned to sender|message delivery failure|mail system error|delivery notification: delivery has failed|\
    nondeliverable|non-delivery|non delivery|nondelivery|undelivered|unable to deliver|could not deliver|could not send message|mail could not be delivered|\
    message undeliverable|message status - undeliverable|your message could not be delivered|delivery has failed|delivery fail|\
    delivery error|email delivery fail|mail failure|e-mail delivery fail|message not delivered|not delivered|delivery report|warning: message|warning: could not send|\
    mail delivery warning|delayed mail|delayed:|message delayed|delivery delayed|delivery delay|mail delayed|transient|permanent delivery failure|dsn:|\
    user unknown|unzustellbar|nicht zustellbar|zustellung fehlgeschlagen|fehler bei der zustellung|zustellungsfehler|mail konnte nicht zugestellt|\
    nachricht nicht zugestellt|verzögerung bei der|\u{e9}chec de la remise|\u{e9}chec de remise|non remis|notification d'\u{e9}tat de remise|courrier non remis|\
    non distribuable|mensaje no entregado|no se puede entregar|no se ha podido entregar|error de entrega|error en la entrega|notificaci\u{f3}n de estado de entrega|\
    no entregado|mancato recapito|errore di consegna|impossibile recapitare|notifica di mancata consegna|non recapitabile|mensagem n\u{e3}o entregue|\
    n\u{e3}o foi poss\u{ed}vel entregar|falha na entrega|n\u{e3}o entregue|onbestelbaar|niet bezorgd|bezorging mislukt|niet te bezorgen|\
    niedostarcz|zwrot wiadomo\u{15b}ci|nie mo\u{17c}na dostarczy\u{107}|olevererat|kan inte levereras|leveransfel|недоставленное|\
    сообщение не доставлено|не удалось доставить|配信不能|配信エラー|邮件投递失败|退信|系统退信";

/// Phrases in the text of a bounce.
pub(super) const UNDELIVERED: &str = "i wasn't able to deliver|could not be delivered|couldn't be delivered|cannot be delivered|can not be delivered|\
    was not delivered|wasn't delivered|wasn't able to be delivered|not be delivered to|has not been delivered|hasn't been delivered|unable to deliver|\
    undeliverable|permanent fatal error|permanent error|following addresses failed|following address failed|following recipient|following address(es)|\
    did not reach|delivery has failed|delivery to the following|delivery failed|delivery attempt|failed to deliver|delivery of your|recipient address rejected|\
    user unknown|unknown user|no such user|mailbox unavailable|mailbox not found|mailbox is full|mailbox full|over quota|quota exceeded|unrouteable|unroutable|\
    does not exist|doesn't exist|not listed in|no mailbox here|unknown recipient|recipient unknown|unknown address|address not found|address couldn't be found|\
    account is disabled|account has been disabled|message you sent|mail you sent|is undeliverable|returned to you|smtp error|remote server|host unknown|\
    will be retried|will keep trying|will continue to|still trying|has been delayed|is delayed|konnte nicht zugestellt|nicht zugestellt werden|\
    nicht zustellbar|unzustellbar|empf\u{e4}nger unbekannt|empf\u{e4}nger wurde nicht gefunden|n'a pas pu \u{ea}tre|impossible de remettre|n'existe pas|destinataire inconnu|\
    no se pudo entregar|no se ha podido entregar|no ha podido entregarse|no existe|non \u{e8} stato possibile|impossibile recapitare|non esiste|\
    n\u{e3}o p\u{f4}de ser entregue|n\u{e3}o foi poss\u{ed}vel entregar|n\u{e3}o existe|kon niet worden bezorgd|niet worden bezorgd|kan niet worden bezorgd|bestaat niet|\
    nie mo\u{17c}e zosta\u{107} dostarczona|nie zosta\u{142}a dostarczona|nie istnieje|kunde inte levereras|finns inte|не удалось доставить|не было доставлено|配信できません|\
    無法投遞|无法投递|could not be processed|was rejected|were not able to deliver|is not a known user|no longer|timed out|returned mail";

/// Phrases of a temporary failure.
pub(super) const NOT_YET: &str = "warning message only|do not need to resend|no need to resend|not need to resend|no action is required|will be retried|will keep trying|\
    will continue to|still trying|still being retried|has been delayed|is delayed|delayed|delivery attempts will continue|will try again|try again later|\
    wird weiter versucht|weitere zustellversuche|nouvelle tentative|se seguir\u{e1} intentando|temporary failure|temporarily|mailbox is full|over quota|quota exceeded|\
    mailbox full";

/// Phrases of a permanent failure, for bounces without a status.
pub(super) const FOR_GOOD: &str = "permanent|user unknown|unknown user|no such user|does not exist|doesn't exist|not listed in|no mailbox here|unknown recipient|\
    recipient unknown|address not found|address couldn't be found|mailbox not found|mailbox unavailable|account is disabled|account has been disabled|unrouteable|\
    unroutable|host unknown|host not found|unknown address|is not a known user|i've given up|invalid recipient|no longer|empf\u{e4}nger unbekannt|n'existe pas|\
    destinataire inconnu|no existe|non esiste|n\u{e3}o existe|bestaat niet|nie istnieje|finns inte|не существует|empf\u{e4}nger wurde nicht gefunden";

/// Subjects of an absence auto-reply; they need another sign.
pub(super) const ABSENT: &str = "out of office|out-of-office|out of the office|auto-reply|auto reply|autoreply|automatic reply|automated reply|auto response|auto-response|\
    autoresponse|away from|on vacation|on holiday|on leave|vacation|abwesen|nicht im b\u{fc}ro|im urlaub|automatische antwort|autoantwort|r\u{e9}ponse automatique|\
    absence du bureau|absent|en cong\u{e9}|respuesta autom\u{e1}tica|fuera de la oficina|fuera de oficina|ausente|risposta automatica|fuori sede|fuori ufficio|\
    assente|resposta autom\u{e1}tica|fora do escrit\u{f3}rio|ausente do|automatisch antwoord|automatische reactie|niet aanwezig|afwezig|odpowied\u{17a} automatyczna|\
    autoodpowied\u{17a}|poza biurem|nieobecno|autosvar|automatiskt svar|fr\u{e5}nvaro|automatisk svar|automaattinen|poissa|автоответ|автоматический ответ|自動応答|\
    自动回复|自動回覆|자동 회신|otomatik yan\u{131}t|automatick\u{e1} odpov|v\u{e1}lasz|r\u{e4}spuns automat|we have received your|received your|ticket received|request received|\
    thank you for contacting|acknowledg";

/// Absence phrases in front of the subject or alone.
pub(super) const ABSENT_EXACTLY: &str = "automatic reply|auto-reply|autoreply|auto reply|auto response|autoresponse|auto-response|automated reply|automated response|\
    out of office|out of office reply|out of office autoreply|out of office auto-reply|out of office autoreply|out of the office|out-of-office|vacation reply|\
    automatische antwort|autoantwort|abwesenheitsnotiz|abwesenheitsnachricht|automatische abwesenheitsnotiz|abwesenheit|abwesend|r\u{e9}ponse automatique|r\u{e9}ponse automatique d'absence|\
    absence du bureau|message d'absence|respuesta autom\u{e1}tica|fuera de la oficina|risposta automatica|risponditore automatico|fuori sede|resposta autom\u{e1}tica|fora do escrit\u{f3}rio|\
    automatisch antwoord|automatische reactie|automatisch antwoordbericht|afwezigheidsbericht|odpowied\u{17a} automatyczna|autoodpowied\u{17a}|autosvar|automatiskt svar|\
    automatisk svar|frav\u{e6}rsmelding|automaattinen vastaus|автоответ|автоматический ответ|自動応答|自动回复|自動回覆|자동 회신|otomatik yan\u{131}t|automatick\u{e1} odpov\u{11b}\u{10f}|\
    automatikus v\u{e1}lasz|r\u{e4}spuns automat|r\u{103}spuns automat|autosvar frav\u{e6}r";
