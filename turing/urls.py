"""The site's addresses."""

from django.urls import include, path

from arena.admin import site

urlpatterns = [path("", include("arena.urls")), path("repair/", site.urls)]
