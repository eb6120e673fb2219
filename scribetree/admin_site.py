from unfold.sites import UnfoldAdminSite


class ScribeTreeAdminSite(UnfoldAdminSite):
    """The admin in its theme; how it looks and what its menu holds, settings.UNFOLD says."""

    site_header = site_title = "Scribe Tree"
    index_title = "Courses, writing and the people behind them"
