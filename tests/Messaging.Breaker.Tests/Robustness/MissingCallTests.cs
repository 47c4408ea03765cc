using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Tests.Robustness;

/// <summary>A call is missing, or comes twice or too late: the text that a reader sees first says which call, and what to do.</summary>
public class MissingCallTests
{
    [Fact]
    public async Task The_page_without_its_breakers_stops_the_host_at_start()
    {
        await using var web = BuildPage(services => services.AddMessagingBreakerDashboard());
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => web.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal("AddMessagingBreakerDashboard() needs services.AddMessagingBreaker(...), which adds the breakers.", refusal.Message);
    }

    [Fact]
    public async Task The_page_cannot_be_mapped_without_its_breakers_or_itself()
    {
        await using var bare = BuildPage(services => services.AddMessagingBreakerDashboard());
        Assert.Equal(
            "MapMessagingBreaker(\"/breakers\") needs services.AddMessagingBreaker(...), before the application is built.",
            Assert.Throws<InvalidOperationException>(() => bare.MapMessagingBreaker()).Message);
        await using var without = BuildPage(services => services.AddMessagingBreaker());
        Assert.Equal(
            "MapMessagingBreaker(\"/ops\") needs services.AddMessagingBreakerDashboard(), before the application is built.",
            Assert.Throws<InvalidOperationException>(() => without.MapMessagingBreaker("/ops")).Message);
    }

    [Fact]
    public void A_database_cannot_be_attributed_without_breakers()
    {
        using var services = new ServiceCollection()
            .AddDbContext<Parcels>((provider, context) => context.UseNpgsql("Host=nowhere").AddBreaker(provider, "database"))
            .BuildServiceProvider();
        Assert.Equal(
            "AddBreaker(provider, \"database\") needs services.AddMessagingBreaker(...), which adds the breakers.",
            Assert.Throws<InvalidOperationException>(services.GetRequiredService<Parcels>).Message);
    }

    [Fact]
    public async Task A_bus_cannot_be_guarded_without_breakers() =>
        Assert.Contains(
            "UseMessagingBreaker(context) needs services.AddMessagingBreaker(...) in addition to services.AddMassTransit(...)",
            await RefusalAsync(new ServiceCollection(), (context, bus) => bus.UseMessagingBreaker(context)),
            StringComparison.Ordinal);

    [Fact]
    public async Task A_bus_that_is_guarded_after_its_endpoints_names_them()
    {
        var refusal = await RefusalAsync(WithPayments(), (context, bus) =>
        {
            bus.ReceiveEndpoint("orders", endpoint => endpoint.Handler<Order>(_ => Task.CompletedTask));
            bus.UseMessagingBreaker(context);
        });
        Assert.Contains("UseMessagingBreaker(context) must be called before the endpoints are declared", refusal, StringComparison.Ordinal);
        Assert.Contains("loopback://localhost/orders", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bus_that_is_guarded_twice_says_so() =>
        Assert.Contains(
            "UseMessagingBreaker(context) was called twice on one bus",
            await RefusalAsync(WithPayments(), (context, bus) =>
            {
                bus.UseMessagingBreaker(context);
                bus.UseMessagingBreaker(context);
            }),
            StringComparison.Ordinal);

    [Fact]
    public void A_prefix_that_is_null_is_reported_as_null()
    {
        Assert.Contains("Prefix is null: must have 1 to 100", RefusalOf(breakers => breakers.ShareOverBus(options => options.Prefix = null!)), StringComparison.Ordinal);
        Assert.Contains("KeyPrefix is null: must have 1 to 100", RefusalOf(breakers => breakers.ShareOverRedis("redis", options => options.KeyPrefix = null!)), StringComparison.Ordinal);
    }

    static string RefusalOf(Action<MessagingBreakerBuilder> share) =>
        Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddMessagingBreaker(share)).Message;

    static IServiceCollection WithPayments() => new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));

    /// <summary>The message of the outermost exception, which a log and a terminal show first.</summary>
    static async Task<string> RefusalAsync(IServiceCollection services, Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        foreach (var service in services)
            builder.Services.Add(service);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.UsingInMemory(configure);
        });
        using var host = builder.Build();
        return (await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken))).Message;
    }

    static WebApplication BuildPage(Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        configure(builder.Services);
        return builder.Build();
    }

    sealed class Parcels(DbContextOptions<Parcels> options) : DbContext(options);

    sealed record Order(int Number);
}
