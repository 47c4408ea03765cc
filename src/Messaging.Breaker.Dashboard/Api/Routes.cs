using Messaging.Breaker.Dashboard.Access;
using Messaging.Breaker.Dashboard.Api.DeadLetters;
using Messaging.Breaker.Dashboard.Fleet;
using Messaging.Breaker.Dashboard.Operators;
using Messaging.Breaker.Dashboard.Outages;
using Messaging.Breaker.Dashboard.State;
using Messaging.Breaker.Dashboard.Windows;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Messaging.Breaker.Dashboard.Api;

/// <summary>All routes of the dashboard.</summary>
sealed class Routes(AccessRule access, Recorder recorder, History history, Steering steering, EndpointOrders endpoints, KeyOrders keys, FleetPage fleet, OutagePage outages, WindowOrders windows, OperatorPage operators, DeadLetterOrders letters, IHostApplicationLifetime lifetime)
{
    public IEndpointConventionBuilder Map(RouteGroupBuilder dashboard)
    {
        dashboard.AddEndpointFilter(access.InvokeAsync);
        dashboard.ExcludeFromDescription();
        access.GuardReading(dashboard);

        dashboard.MapGet("", PageFiles.GetPage);
        dashboard.MapGet("assets/{**name}", PageFiles.GetAsset);
        dashboard.MapGet("api/state", () => TypedResults.Bytes(recorder.Show().Json, "application/json"));
        dashboard.MapGet("api/history", () => TypedResults.Bytes(recorder.Show().Past.Json, "application/json"));
        dashboard.MapGet("api/events", Stream);
        dashboard.MapGet("api/fleet", fleet.ShowAsync);
        dashboard.MapGet("api/outages", outages.ShowAsync);
        dashboard.MapGet("api/windows", windows.Show);
        dashboard.MapGet("api/operators", operators.ShowAsync);

        var orders = dashboard.MapGroup("api");
        access.GuardSteering(orders);
        orders.MapGet("token", (HttpContext context) => TypedResults.Json(steering.GetToken(context), DashboardJson.Default.SteeringToken));
        foreach (var action in SteeringAction.All)
            orders.MapPost(
                $"{(action.Kind == SubjectKind.Breaker ? "breakers" : "endpoints")}/{{name}}/{action.Name}",
                (HttpContext context, string name) => steering.RunAsync(action, context, TargetName.Of(context, name)));
        orders.MapPost("endpoints/{name}/pause", (HttpContext context, string name) => endpoints.PauseAsync(context, TargetName.Of(context, name)));
        orders.MapPost("endpoints/{name}/resume", (HttpContext context, string name) => endpoints.ResumeAsync(context, TargetName.Of(context, name)));
        dashboard.MapGet("api/breakers/{name}/keys", (HttpContext context, string name) => keys.Show(context, TargetName.Of(context, name)));
        foreach (var action in SteeringAction.OfKeys)
            orders.MapPost($"breakers/{{name}}/keys/{action.Name}", (HttpContext context, string name) => keys.RunAsync(action, context, TargetName.Of(context, name, fromEnd: 3)));
        orders.MapPost("windows", windows.AddAsync);
        orders.MapPost("windows/{name}/remove", (HttpContext context, string name) => windows.RemoveAsync(context, TargetName.Of(context, name)));
        MapDeadLetters(dashboard, orders);
        return dashboard;
    }

    /// <summary>A look holds each message for a moment, so it requires the right to steer.</summary>
    void MapDeadLetters(RouteGroupBuilder dashboard, RouteGroupBuilder orders)
    {
        dashboard.MapGet("api/dead-letters", letters.ShowAsync);
        orders.MapGet("dead-letters/{queue}/groups", (HttpContext context, string queue) => letters.LookAsync(context, TargetName.Of(context, queue), withBodies: false));
        orders.MapPost("dead-letters/{queue}/redrive", (HttpContext context, string queue) => letters.RedriveAsync(context, TargetName.Of(context, queue)));
        orders.MapPost("dead-letters/{queue}/discard", (HttpContext context, string queue) => letters.DiscardAsync(context, TargetName.Of(context, queue)));
        orders.MapPost("dead-letter-runs/{run}/cancel", letters.CancelAsync);
        if (access.BodyPolicy is { } policy)
            orders.MapGet("dead-letters/{queue}/bodies", (HttpContext context, string queue) => letters.LookAsync(context, TargetName.Of(context, queue), withBodies: true))
                .RequireAuthorization(policy);
    }

    /// <summary>A stream ends when its reader leaves, and when the host stops, because it would delay the stop.</summary>
    async Task Stream(HttpContext context)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await EventStream.WriteAsync(context.Response, recorder, history, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Its reader has left or does not read, or the host stops.
        }
    }
}
