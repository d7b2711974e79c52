"""The rooms of the house, in one place: importing this module makes every table and every kind of job known."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom import audit, custody, jobs, label
from strongroom.people.routes import router as people_router

ROUTERS: tuple[APIRouter, ...] = (label.router, people_router, jobs.router, audit.router, custody.router)
