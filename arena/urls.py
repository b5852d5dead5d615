"""Every address of the arena's pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from arena.web.views import debrief, exports, host, joining, public, room, settings, sign_in, trials

app_name = "arena"

STUDY = "host/studies/<slug:slug>/"
ROOM = STUDY + "rooms/<slug:code>/"

urlpatterns = [
    path("", public.home, name="home"),
    path("healthz", public.healthz, name="healthz"),
    path("join/<str:token>/", joining.join, name="join"),
    path("return/<str:token>/", joining.come_back, name="return"),
    path("room/<slug:code>/", room.room, name="room"),
    path("room/<slug:code>/settings/", settings.settings_page, name="settings"),
    path("room/<slug:code>/away/", settings.away, name="away"),
    path("room/<slug:code>/back/", settings.back, name="back"),
    path("room/<slug:code>/test-mail/", settings.test_mail, name="test-mail"),
    path("room/<slug:code>/help/", room.ask_for_help, name="help"),
    path("room/<slug:code>/withdraw/", room.withdraw, name="withdraw"),
    path("room/<slug:code>/debrief/", debrief.debrief, name="debrief"),
    path("host/", host.studies, name="host"),
    path("host/sign-in/", sign_in.SignIn.as_view(), name="host-sign-in"),
    path("host/sign-out/", LogoutView.as_view(), name="host-sign-out"),
    path(STUDY, host.study, name="host-study"),
    path(f"{STUDY}machines/", host.machines, name="host-machines"),
    path(STUDY + "report/", exports.report, name="host-report"),
    path(STUDY + "export/", exports.export, name="host-export"),
    path(STUDY + "trial/", trials.trial, name="host-trial"),
    path(STUDY + "trial.json", trials.report, name="host-trial-json"),
    path(ROOM, host.room, name="host-room"),
    path(ROOM + "links/<slug:seat>/", host.reissue, name="host-reissue"),
    path(ROOM + "<slug:action>/", host.act, name="host-act"),
]
