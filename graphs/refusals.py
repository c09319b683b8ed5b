"""What is said of a question in words that is not understood: what was, and what was not."""

from __future__ import annotations

from stakeholders.vocabulary import Label

NO_QUESTION = Label(
    "“{text}” is no question that can be answered here. These are: {askable}.",
    "На вопрос «{text}» здесь ответить нельзя. Можно спросить: {askable}.",
    "«{text}» деген сұраққа мұнда жауап жоқ. Мынаны сұрауға болады: {askable}.",
)
NO_REACH = Label(
    "I take it that you ask: {asked}. But “{text}” says nothing of access. Nothing was run.",
    "Понято так: {asked}. Но в вопросе «{text}» не сказано о доступе. Ничего не выполнено.",
    "Былай түсінілді: {asked}. Бірақ «{text}» сұрағында қолжетімділік туралы айтылмаған. Ештеңе орындалмады.",
)
NEGATED = Label(
    "I can say who can reach what, not who cannot: no known path is no proof. Ask of one body why not: “{example}”.",
    "Здесь видно, у кого доступ возможен, а не у кого его нет: неизвестный путь – не доказательство. Об одном органе "
    "можно спросить, почему нет: «{example}».",
    "Мұнда кімнің қолы жететіні көрінеді, жетпейтіні емес: белгісіз жол дәлел емес. Бір орган туралы неге жоқ екенін "
    "сұрауға болады: «{example}».",
)
WHY_NOT = Label(
    "why can't {body} reach {target}",
    "почему {body} не имеет доступа к {target}",
    "{body} {target} неге қол жеткізе алмайды",
)
WHICH_DATES = Label(
    "I take it that you ask: {asked}. Between which dates? “{text}”",
    "Понято так: {asked}. Между какими датами? «{text}»",
    "Былай түсінілді: {asked}. Қай күндер аралығында? «{text}»",
)
ONE_DATE = Label(
    "I take it that you ask: {asked}. For which one of these days: {dates}?",
    "Понято так: {asked}. На какой из этих дней: {dates}?",
    "Былай түсінілді: {asked}. Осы күндердің қайсысына: {dates}?",
)
ONE_DAY = Label(
    "I take it that you ask: {asked}. That is told of one day, not of a stretch of time: “{said}”.",
    "Понято так: {asked}. Ответ бывает на один день, а не на срок: «{said}».",
    "Былай түсінілді: {asked}. Жауап бір күнге беріледі, мерзімге емес: «{said}».",
)
WHICH_DATA = Label(
    "I take it that you ask: {asked}. But which data, store, system or body?",
    "Понято так: {asked}. Но о каких данных, хранилище, системе или органе?",
    "Былай түсінілді: {asked}. Бірақ қай дерек, дерекқор, жүйе не орган туралы?",
)
WHOSE = Label(
    "I take it that you ask: {asked}. But which body?",
    "Понято так: {asked}. Но о каком органе?",
    "Былай түсінілді: {asked}. Бірақ қай орган туралы?",
)
NOT_THIS = Label(
    "I take it that you ask: {asked}. But I do not understand “{said}”; `accessmap find` searches names.",
    "Понято так: {asked}. Но непонятно: «{said}»; названия ищет команда `accessmap find`.",
    "Былай түсінілді: {asked}. Бірақ мынау түсініксіз: «{said}»; атауларды `accessmap find` іздейді.",
)
TOGETHER = Label(
    "I take it that you ask: {asked}. I know {known}; but not what is asked of them together: “{said}”.",
    "Понято так: {asked}. Понятно {known}; но не понятно, что спрашивается о них вместе: «{said}».",
    "Былай түсінілді: {asked}. Мынау түсінікті: {known}; бірақ бәрі бірге не сұралғаны түсініксіз: «{said}».",
)
SEVERAL = Label(
    "I take it that you ask: {asked}. But “{said}” could be: {found}.",
    "Понято так: {asked}. Но «{said}» может значить: {found}.",
    "Былай түсінілді: {asked}. Бірақ «{said}» мынаны білдіруі мүмкін: {found}.",
)
