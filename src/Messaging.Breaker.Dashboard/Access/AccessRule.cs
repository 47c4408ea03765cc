using Messaging.Breaker.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Dashboard.Access;

/// <summary>
/// Admits a request if an authorization policy guards its endpoint, which the host's middleware has then enforced, or if it comes from
/// loopback. A policy for reading does not unlock steering.
/// </summary>
sealed class AccessRule(IOptions<BreakerDashboardOptions> options, ILoggerFactory loggers)
{
    readonly ILogger _log = loggers.CreateLog(Log.Category);
    readonly AuthorizeAttribute? _read = PolicyOf(options.Value.ReadPolicy);
    readonly AuthorizeAttribute? _steer = PolicyOf(options.Value.SteerPolicy);

    /// <summary>The additional policy for seeing bodies; null if nobody may see them.</summary>
    public AuthorizeAttribute? BodyPolicy { get; } = PolicyOf(options.Value.BodyPolicy);

    public void GuardReading(IEndpointConventionBuilder endpoints)
    {
        if (_read is not null)
            endpoints.RequireAuthorization(_read);
    }

    public void GuardSteering(IEndpointConventionBuilder endpoints)
    {
        endpoints.WithMetadata(new SteeringMetadata());
        if (_steer is not null)
            endpoints.RequireAuthorization(_steer);
    }

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        ResponseHeaders.Set(context.Response.Headers);
        var metadata = context.GetEndpoint()!.Metadata;
        var isSteering = metadata.GetMetadata<SteeringMetadata>() is not null;
        if (IsGuardedByPolicy(metadata, isSteering) || LoopbackRule.FindProblem(context) is not { } problem)
            return await next(invocation).ConfigureAwait(false);

        var (who, method, path) = (Visitor.NameOf(context), context.Request.Method, context.Request.Path.ToString());
        if (isSteering)
            _log.SteeringRefused(who, method, path, problem);
        else
            _log.ReadingRefused(who, method, path, problem);
        return TypedResults.Problem(
            title: "The dashboard is locked",
            detail: $"Without an authorization policy, only requests from this machine may {(isSteering ? "steer" : "look")}, and {problem}. "
                + $"To admit others, set {(isSteering ? nameof(BreakerDashboardOptions.SteerPolicy) : nameof(BreakerDashboardOptions.ReadPolicy))} "
                + "in AddMessagingBreakerDashboard.",
            statusCode: StatusCodes.Status403Forbidden);
    }

    bool IsGuardedByPolicy(EndpointMetadataCollection metadata, bool isSteering)
    {
        if (metadata.GetMetadata<IAllowAnonymous>() is not null)
            return false; // Then the middleware enforces nothing.
        var guards = metadata.GetOrderedMetadata<IAuthorizeData>().Where(guard => !isSteering || !ReferenceEquals(guard, _read));
        return guards.Any() || metadata.GetMetadata<AuthorizationPolicy>() is not null;
    }

    static AuthorizeAttribute? PolicyOf(string? name) => name is null ? null : new AuthorizeAttribute(name);

    sealed class SteeringMetadata;
}
