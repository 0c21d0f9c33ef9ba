"""What the linter reads out of words: whose act it is, and whether two people would answer it alike."""

import pytest

from pipeline.linting import words

OURS = [
    "Proposal sent", "Demo done", "Demo completed", "The quote has been sent", "Contract was submitted",
    "We called them", "We have presented the offer", "Called the customer twice", "Sent the proposal",
    "Presented the solution", "Rep has visited the site", "Follow-up e-mail sent", "Pitched", "Business case prepared",
    "Held the discovery call", "Meeting held", "Emailed the brochure", "Deck shared",
]  # fmt: skip
THEIRS = [
    "The buyer confirmed receipt", "Buyer confirmed receipt of the proposal we sent",
    "The buyer has the proposal and gave the date by which they will have reviewed it",
    "The customer asked for a proposal", "The demo was attended by the buyer's engineer",
    "Asked us, answered us, or was referred.", "Confirmed the fit and asked for a proposal.",
    "Received the proposal, set a date to review it and named who approves.", "Booked a conversation.",
    "Legal and finance on our side have approved the final terms", "The first payment has arrived",
    "Someone besides the champion took part in a demo or evaluation", "Accepted the offer and named a start.",
    "Agreed to a trial with pass marks and an end date.", "Three pains are written down in the buyer's order",
    "Sent the first purchase order.", "Given us an address, or answered an invitation.",
]  # fmt: skip


@pytest.mark.parametrize("text", OURS)
def test_an_act_of_ours_without_a_buyers_response_is_seen(text):
    assert words.sellers_act(text)


@pytest.mark.parametrize("text", THEIRS)
def test_an_act_of_the_buyers_is_left_alone(text):
    assert not words.sellers_act(text)


@pytest.mark.parametrize(
    "name", ["Interested", "Hot", "In progress", "in  Progress", "Follow up", "Stage 3", "New"]
)
def test_a_name_that_says_how_it_feels_is_vague(name):
    assert words.vague_name(name)


@pytest.mark.parametrize(
    "name",
    ["Qualify", "Discover", "Interest and value", "Details", "Quote", "Demo attended", "New plant chosen"],
)
def test_a_name_that_says_a_step_is_not(name):
    assert not words.vague_name(name)


@pytest.mark.parametrize(
    "label, word",
    [
        ("The buyer seems happy with us", "seems"),
        ("Good relationship with the champion", "Good relationship"),
        ("The customer is interested", "interested"),
        ("Procurement will probably agree", "probably"),
    ],
)
def test_a_label_about_a_feeling_is_named_by_its_word(label, word):
    assert words.vague_word(label) == word


@pytest.mark.parametrize("label", ["Budget", "Decision process", "Buyer's goals, pains, metrics"])
def test_a_heading_says_nothing_that_could_hold(label):
    assert words.says_nothing(label)


@pytest.mark.parametrize(
    "label",
    [
        "The buyer stated the problem",
        "At least two people used it",
        "A champion is on the map",
        "Order is on file",
    ],
)
def test_a_sentence_with_a_verb_can_hold_or_not(label):
    assert not words.says_nothing(label)
