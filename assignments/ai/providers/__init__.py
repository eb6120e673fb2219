"""Who asks the questions: the built-in bank, or a language model where a key for one is set."""

import logging
from functools import lru_cache

from django.conf import settings

from assignments.ai.providers.base import Context, Guidance, Provider, ProviderError
from assignments.ai.providers.built_in import BuiltInProvider

__all__ = ("Context", "Guidance", "Provider", "ask", "choose_provider")

BUILT_IN = BuiltInProvider()

logger = logging.getLogger(__name__)


def choose_provider(*, calls: int, tokens: int) -> Provider:
    """The model, unless it is off or the student's calls and tokens of the last hour have used up the budget."""
    if not settings.ANTHROPIC_API_KEY:
        return BUILT_IN
    model = _claude(
        api_key=settings.ANTHROPIC_API_KEY,
        base_url=settings.ANTHROPIC_BASE_URL,
        model=settings.CLAUDE_MODEL,
        max_tokens=settings.CLAUDE_MAX_TOKENS,
        timeout=settings.AI_TIMEOUT.total_seconds(),
        retries=settings.AI_RETRIES,
    )
    if calls < settings.AI_REQUESTS_PER_HOUR and tokens + model.reserve <= settings.AI_TOKENS_PER_HOUR:
        return model
    return BUILT_IN


def ask(provider: Provider, context: Context) -> Guidance:
    """The questions of the provider, or of the built-in one when it fails."""
    try:
        return provider.questions(context)
    except ProviderError as error:
        logger.warning("%s failed (%s); the built-in questions are given instead", provider.name, error)
        return BUILT_IN.questions(context)


@lru_cache(maxsize=1)  # it keeps connections
def _claude(**options: object) -> Provider:
    from assignments.ai.providers.claude import ClaudeProvider  # noqa: PLC0415 (takes a second, and few have a key)

    return ClaudeProvider(**options)  # type: ignore[arg-type]
