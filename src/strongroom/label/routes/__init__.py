"""HTTP of the label room: projects, the desk, data in and out."""

from fastapi import APIRouter

from strongroom.label.routes import data, desk, projects, review

router = APIRouter()
router.include_router(desk.router)  # first: routes are tried in turn, and these are called most
router.include_router(projects.router)
router.include_router(data.router)
router.include_router(review.router)
