"""Currencies by code and by what people write for them."""

# Codes in circulation (ISO 4217, without funds and metals).
CODES = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()  # noqa: SIM905
)
# Lower case, without dots at the end.
SIGNS = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "usd$": "USD", "dollar": "USD",
    "dollars": "USD", "£": "GBP", "pound": "GBP", "pounds": "GBP", "¥": "JPY", "円": "JPY", "yen": "JPY",
    "cn¥": "CNY", "元": "CNY", "rmb": "CNY", "fr": "CHF", "sfr": "CHF", "franken": "CHF", "₹": "INR", "rs": "INR",
    "₽": "RUB", "₺": "TRY", "tl": "TRY", "zł": "PLN", "zl": "PLN", "kč": "CZK", "ft": "HUF", "₩": "KRW", "₪": "ILS",
    "₴": "UAH", "₫": "VND", "₱": "PHP", "₦": "NGN", "₵": "GHS", "₸": "KZT", "₾": "GEL", "฿": "THB", "лв": "BGN",
    "lei": "RON", "r$": "BRL", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "hk$": "HKD",
    "s$": "SGD", "nt$": "TWD", "mx$": "MXN", "rm": "MYR", "rp": "IDR",
}  # fmt: skip
SEVERAL = {"kr": "SEK, NOK, DKK"}


def code_of(text):
    """The code of "€", "eur" or "EUR"; None if it is none, or several."""
    text = text.strip(" .")
    return text.upper() if text.upper() in CODES else SIGNS.get(text.lower())


def is_currency(text):
    return bool(code_of(text)) or text.strip(" .").lower() in SEVERAL
