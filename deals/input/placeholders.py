"""Words that fill a field without saying anything, as normalise._key spells them: letters and digits only."""

import re

_ENGLISH = """
na, n a, not applicable, not available, not known, not yet, not yet known, not sure, not defined, not set,
not specified, none, nil, null, nan, undefined, void, nothing, nobody, noone, no one, no idea, no answer, no
info, no information, no data, no comment, unknown, unkown, unclear, unspecified, undecided, undisclosed,
idk, dunno, dont know, i dont know, we dont know, tbd, tba, tbc, tbf, tbs, tbh, to be done, to be
determined, to be decided, to be defined, to be announced, to be confirmed, to be clarified, to be
discussed, to be provided, to follow, will follow, follows, following, coming, coming soon, soon, later,
fill in later, fill in, fill me in, fill later, ask later, add later, pending, open, in progress, wip, todo,
to do, fixme, missing, empty, blank, default, placeholder, dummy, sample, example, test, tests, testing,
tester, tst, test test, just a test, foo, bar, baz, foobar, foo bar, qux, asdf, asd, asdfg, asdfgh,
asdfghjkl, sdf, dfg, fgh, ghj, jkl, jklo, hjkl, qwe, qwer, qwert, qwerty, qwertz, qwertyuiop, azerty, yxcv,
zxc, zxcv, zxcvb, abc, abcd, abcde, abcdef, xyz, lorem, ipsum, lorem ipsum, bla, blah, blubb, blub, same,
same as above, same as before, as above, as before, as discussed, as said, see above, see below, see notes,
see note, see crm, see email, see mail, above, below, ditto, dito, idem, id, etc, and so on, misc, various,
several, something, somebody, someone, some, anything, anyone, whatever, stuff, thing, things, text, some
text, value, string, name, ok, okay, k, done, yep, yup, check, checked, x, xx, xxx, john doe, jane doe, test
test com, 123, 1234, 12345, 123456, 1234567, 12345678, 123456789, 1234567890, 0, 00, 000
"""
_GERMAN = """
k a, k A., keine, kein, keiner, keines, keine angabe, keine angaben, keine daten, keine info, keine ahnung,
keine antwort, ka angabe, unbekannt, nicht bekannt, noch nicht bekannt, nicht vorhanden, nicht relevant,
nicht zutreffend, trifft nicht zu, nicht definiert, nicht verfügbar, entfällt, entfaellt, folgt, folgt noch,
kommt noch, kommt später, später, spaeter, wird nachgereicht, wird noch geklärt, wird geklärt, noch zu
klären, zu klären, noch offen, offen, ausstehend, siehe oben, siehe unten, s oben, wie oben, wie besprochen,
gleich, dasselbe, egal, leer, nichts, niemand, irgendwas, irgendwer, irgendetwas, jemand, weiß nicht, weiss
nicht, weiß ich nicht, platzhalter, beispiel, muster, mustermann, max mustermann, erika mustermann,
musterfirma, probe, versuch, nn, n n, usw, diverse, verschiedene
"""
_OTHERS = """
inconnu, inconnue, néant, aucun, aucune, rien, sans objet, à définir, a definir, non défini, à venir, pas
encore, ne sait pas, idem, ninguno, ninguna, desconocido, pendiente, por definir, no aplica, sin datos,
nessuno, nessuna, niente, sconosciuto, da definire, non noto, nenhum, desconhecido, a definir, onbekend,
geen, nvt, n v t, niet bekend, nader te bepalen, volgt, ukendt, ingen, okänd, okänt, tuntematon, brak,
nieznany, nie dotyczy, bd, žádný, neznámý, нет, неизвестно, тест, нет данных, не знаю, yok, bilinmiyor, 无,
無, 没有, 不明, 未定, 未知, なし, テスト, 測試, 测试, 없음, 미정
"""
# The words with their spaces; normalise folds them once.
WORDS = [word.strip() for part in (_ENGLISH, _GERMAN, _OTHERS) for word in part.replace("\n", " ").split(",")]

# The dates that software writes where it knows none.
EMPTY_DATE = re.compile(
    r"""(?: (?:1970|1900|1899|0001|0000|9999) [-./]? (?:01|1|00|12) [-./]? (?:01|1|00|30|31)
          | 0?[01] [-./] 0?[01] [-./] (?:1970|1900|0001|0000|70|00) | 3[01] [-./] 12 [-./] (?:1899|9999) )
        (?: [t ] [\d:.]+ (?:z|[+-][\d:]+)? )?""",
    re.VERBOSE,
)
