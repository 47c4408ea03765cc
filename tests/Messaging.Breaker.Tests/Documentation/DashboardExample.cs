using Messaging.Breaker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace OrderService;

static class DashboardExample
{
    static void Run(WebApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments").WatchQueues());
        builder.Services.AddMessagingBreakerDashboard();

        var app = builder.Build();
        app.MapMessagingBreaker("/breakers");
        app.MapMessagingBreaker().RequireAuthorization("operators");
    }

    static void AddPolicies(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("support", policy => policy.RequireRole("support", "operators"))
            .AddPolicy("operators", policy => policy.RequireRole("operators"));

        builder.Services.AddMessagingBreakerDashboard(options =>
        {
            options.ReadPolicy = "support";
            options.SteerPolicy = "operators";
        });
    }

    static void AddTokens(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("operators", policy => policy.AddAuthenticationSchemes("Cookies", "Bearer").RequireRole("operators"));
    }
}
