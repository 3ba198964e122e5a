"""Kernels: which there are, and whether one starts."""

from __future__ import annotations

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.kernels import KernelCheck, KernelList

ROUTES = (
    Route(
        method="GET",
        path="kernels",
        operation_id="listKernels",
        summary="List the installed kernelspecs, the default first.",
        handler=lambda services, request: services.kernels.list(request.actor),
        action="read",
        resource="mlops:kernels",
        answer=KernelList,
    ),
    Route(
        method="POST",
        path="kernels/{kernel_name}/check",
        operation_id="checkKernel",
        summary="Start a kernel once and tell whether it answers.",
        handler=lambda services, request: services.kernels.check(
            request.actor, request.path["kernel_name"]
        ),
        action="execute",
        resource="mlops:kernels",
        answer=KernelCheck,
        timeout=120.0,
    ),
)
