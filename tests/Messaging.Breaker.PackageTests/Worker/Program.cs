using MassTransit;
using Messaging.Breaker;
using Worker;

var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSingleton<Payments>();
builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments", options => options.BreakDuration = TimeSpan.FromSeconds(1)));
builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
builder.Services.AddMassTransit(bus =>
{
    bus.AddConsumer<ChargeOrderConsumer>();
    bus.UsingRabbitMq((context, rabbit) =>
    {
        rabbit.Host(new Uri(args[0]));
        rabbit.UseMessagingBreaker(context);
        rabbit.ConfigureEndpoints(context);
    });
});

using var host = builder.Build();
await host.StartAsync();
var payments = host.Services.GetRequiredService<Payments>();
var breaker = host.Services.GetRequiredService<IBreakerRegistry>()["payments"];
var endpoint = await host.Services.GetRequiredService<IBus>().GetPublishSendEndpoint<OrderPlaced>();

payments.IsDown = true;
for (var number = 0; number < 200; number++)
    await endpoint.Send(new OrderPlaced(number));
await UntilAsync(() => breaker.State == BreakerState.Open);
payments.IsDown = false;
await UntilAsync(() => payments.Charged == 200 && breaker.State == BreakerState.Closed);
await host.StopAsync();
Console.WriteLine($"charged {payments.Charged}, calls while down {payments.CallsWhileDown}");

static async Task UntilAsync(Func<bool> condition)
{
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
    while (!condition())
        await Task.Delay(20, patience.Token);
}
