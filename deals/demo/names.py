"""Names the generator combines. All invented."""

PLACES = [
    "Aldenvoe", "Brackmere", "Corrowby", "Dellhaven", "Elmarrick", "Farrowick", "Grenholt", "Harnby",
    "Ivermoor", "Jarrowmere", "Kelbrand", "Lintrose", "Morvane", "Nettlebrook", "Orrinsund", "Pellmark",
    "Quennby", "Rossaval", "Stennick", "Tollvarn", "Ulverand", "Varnsted", "Wendrick", "Yarrowsund",
    "Zellhaven",
]  # fmt: skip
TRADES = [
    "Dairies", "Foods", "Hotels", "Clinics", "Paper", "Textiles", "Ceramics", "Breweries", "Laundries", "Plastics",
    "Coatings", "Castings", "Timber", "Cold Storage", "Logistics Parks", "Baths", "Care Homes", "Print", "Glass",
    "Packaging",
]  # fmt: skip
FIRST = [
    "Lena", "Priya", "Daniel", "Helen", "Sanne", "Omar", "Giulia", "Marek", "Aisha", "Henrik", "Noor",
    "Pavel", "Clara", "Idris", "Freya", "Mateo", "Yara", "Anton", "Leila", "Viktor",
]  # fmt: skip
FAMILY = [
    "Vossberg", "Ramanel", "Oseidan", "Marshby", "Kuiperin", "Haldorin", "Bellavar", "Novarek", "Senghal",
    "Lundquen", "Tavarro", "Petrosel", "Ashgrave", "Okafarin", "Brennick", "Solvarin", "Danforst",
    "Wielmar", "Moreauvin", "Castelin",
]  # fmt: skip
# In the order in which the generator fills a map: champion, economic buyer, technical, approver.
JOBS = [
    ["Head of operations", "Plant manager", "Energy manager"],
    ["Finance director"],
    ["Site engineer", "IT security"],
    ["Works council chair", "Purchasing lead"],
]
LARGE = [
    "two plants", "cooling water", "compressed air", "steam", "all sites", "hall 2", "pilot and roll-out",
    "waste heat", "water safety", "group contract", "three houses", "night losses",
]  # fmt: skip
SMALL = ["boiler room", "one house", "laundry", "kitchen", "well", "annex", "cellar pumps", "roof units"]
SOURCES = ["Referral", "Website", "Trade fair", "Outreach", "Existing customer", "Partner"]
COMPETITORS = ["Pelloran", "Hydrovane Nord", "Metrisk"]


def slug(text):
    return text.lower().replace(" ", "-")


def address(name, company):
    """first.family@company.example"""
    return f"{name.lower().replace(' ', '.')}@{slug(company)}.example"
