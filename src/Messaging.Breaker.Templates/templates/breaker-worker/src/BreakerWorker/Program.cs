using BreakerWorker;
using MassTransit;
using Messaging.Breaker;

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddOptions<RabbitMqTransportOptions>().BindConfiguration("RabbitMq");
builder.Services.AddMessagingBreaker(breakers => breakers
    .Add("payments")     // "Breakers:payments" in the configuration sets its options, also at run time.
    .WatchQueues()       // How many messages wait, and when they will be drained.
    .ShareOverBus());    // All instances of this worker share one verdict.
builder.Services.AddMessagingBreakerDashboard();
builder.Services.AddHealthChecks().AddMessagingBreaker();

builder.Services.AddHttpClient<PaymentsClient>(client => client.BaseAddress = new Uri(builder.Configuration["Payments:Address"]!))
    .AddBreaker("payments");

builder.Services.AddMassTransit(bus =>
{
    bus.AddConsumer<ChargeOrderConsumer>();
    bus.UsingRabbitMq((context, rabbit) =>
    {
        rabbit.UseMessagingBreaker(context); // Before the endpoints.
        rabbit.ConfigureEndpoints(context);
    });
});

var app = builder.Build();
app.MapMessagingBreaker("/breakers"); // Only for this machine, until you set a policy.
app.MapHealthChecks("/health");

// For trying it out: accepts an order and publishes it as another service would.
app.MapPost("/orders", async (IBus bus, CancellationToken cancellationToken) =>
{
    var order = new OrderPlaced(Guid.NewGuid(), 12.50m);
    await bus.Publish(order, cancellationToken);
    return Results.Accepted(value: order);
});

app.Run();
