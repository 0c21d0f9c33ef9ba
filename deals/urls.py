from django.urls import path

from .views import address_book, answers, board, deal, files, handover, intake, listing, moves

urlpatterns = [
    path("pipeline/", board.show, name="board"),
    path("pipeline/<slug:slug>/", board.show, name="board_of"),
    path("pipeline/<slug:slug>/changes", board.changes, name="board_changes"),
    path("pipeline/<slug:slug>/stages/<int:stage_id>/", board.column, name="board_column"),
    path("pipeline/<slug:slug>/re-engage/", board.column, name="board_silent"),
    path("deals/", listing.deals, name="deals"),
    path("deals/new/", intake.new_deal, name="new_deal"),
    path("deals/new/pipeline/", intake.proposed_pipeline, name="proposed_pipeline"),
    path("companies/", address_book.companies, name="companies"),
    path("companies/new/", address_book.new_company, name="new_company"),
    path("companies/<int:pk>/", address_book.company, name="company"),
    path("companies/<int:pk>/contacts/new/", address_book.new_contact, name="new_contact"),
    path("contacts/<int:pk>/", address_book.contact, name="contact"),
    path("find/", address_book.find, name="find"),
    path("deals/<int:pk>/", deal.deal, name="deal"),
    path("deals/<int:pk>/move/", moves.move, name="move"),
    path("deals/<int:pk>/gate/", moves.gate, name="gate"),
    path("deals/<int:pk>/answers/", answers.answers, name="answers"),
    path("deals/<int:pk>/files/<int:file_id>/", files.download, name="file"),
    path("people/<int:pk>/handover/", handover.hand_over, name="handover"),
]
