from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters import UserFilter
from accounts.models import Role, User
from accounts.serializers import (
    LoginSerializer,
    ProfileSerializer,
    RegistrationSerializer,
    RoleSwitchSerializer,
    UserSerializer,
)
from accounts.services import register_user, switch_role, toggle_role, update_profile
from accounts.tokens import issue_token
from scribetree.api.fields import Text
from scribetree.api.schema import ErrorSerializer, envelope, with_message
from scribetree.api.throttles import LoginAccountThrottle, LoginAddressThrottle, RegistrationThrottle
from scribetree.api.views import ANYONE, ApiViewSet
from scribetree.errors import UnauthenticatedError

SESSION = with_message("Session", user=UserSerializer(), token=Text())
USER = with_message("UserChanged", user=UserSerializer())


class AuthViewSet(ApiViewSet):
    gates = {"register": ANYONE, "login": ANYONE, "profile": ANYONE, "update_profile": ANYONE}

    @extend_schema(request=RegistrationSerializer, responses={201: SESSION}, auth=[])
    @action(detail=False, methods=["post"], authentication_classes=[], throttle_classes=[RegistrationThrottle])
    def register(self, request: Request) -> Response:
        user = register_user(**self.checked(RegistrationSerializer))
        return Response(session("User registered successfully", user), 201)

    @extend_schema(request=LoginSerializer, responses={200: SESSION, 401: ErrorSerializer}, auth=[])
    @action(
        detail=False,
        methods=["post"],
        authentication_classes=[],
        throttle_classes=[LoginAddressThrottle, LoginAccountThrottle],
    )
    def login(self, request: Request) -> Response:
        given = self.checked(LoginSerializer)
        # takes as long for an unknown e-mail: the backend hashes the password all the same
        user = authenticate(request._request, username=given["email"], password=given["password"])
        if not isinstance(user, User):
            raise UnauthenticatedError("Invalid email or password")
        return Response(session("Login successful", user))

    @extend_schema(responses=envelope("Profile", user=UserSerializer()))
    @action(detail=False)
    def profile(self, request: Request) -> Response:
        return Response({"user": UserSerializer(request.user).data})

    @extend_schema(request=ProfileSerializer, responses=USER)
    @profile.mapping.put
    def update_profile(self, request: Request) -> Response:
        user = update_profile(user=request.user, **self.checked(ProfileSerializer))
        return Response({"message": "Profile updated successfully", "user": UserSerializer(user).data})


class AdminViewSet(ApiViewSet):
    gates = {"switch_role": (Role.ADMIN,), "toggle_my_role": ANYONE, "users": (Role.ADMIN,)}

    @extend_schema(request=RoleSwitchSerializer, responses=USER)
    @action(detail=False, methods=["post"], url_path="switch-role")
    def switch_role(self, request: Request) -> Response:
        user = switch_role(**self.checked(RoleSwitchSerializer))
        return Response({"message": f"User role switched to {user.role}", "user": UserSerializer(user).data})

    @extend_schema(request=None, responses=USER)
    @action(detail=False, methods=["post"], url_path="toggle-my-role")
    def toggle_my_role(self, request: Request) -> Response:
        user, before = toggle_role(user_id=request.user.pk)
        return Response({"message": f"Role switched from {before} to {user.role}", "user": UserSerializer(user).data})

    @extend_schema(responses=envelope("Users", users=UserSerializer(many=True)))
    @action(detail=False, filterset_class=UserFilter)
    def users(self, request: Request) -> Response:
        page = self.page(User.objects.order_by("-created_at", "-pk"))
        return Response({"users": UserSerializer(page.rows, many=True).data, **page.info})


def session(message: str, user: User) -> dict[str, Any]:
    return {"message": message, "user": UserSerializer(user).data, "token": issue_token(user)}
