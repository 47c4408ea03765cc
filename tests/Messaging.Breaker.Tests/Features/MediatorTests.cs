using MassTransit;
using MassTransit.Mediator;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Features;

public class MediatorTests
{
    [Fact]
    public async Task The_mediator_cannot_be_paused_and_says_what_to_do_instead()
    {
        await using var services = new ServiceCollection()
            .AddMessagingBreaker(breakers => breakers.Add("payments"))
            .AddMediator(mediator => mediator.ConfigureMediator((_, configurator) => configurator.UseBreaker("payments")))
            .BuildServiceProvider();
        var refusal = Assert.ThrowsAny<Exception>(services.GetRequiredService<IMediator>).ToString();
        Assert.Contains("the mediator has no queue", refusal, StringComparison.Ordinal);
        Assert.Contains("breaker.ExecuteAsync", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_of_the_mediator_whose_calls_are_guarded_fails_fast_while_the_breaker_is_open()
    {
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("payments"));
        using var server = new Server();
        services.AddHttpClient("payments").AddBreaker("payments").ConfigurePrimaryHttpMessageHandler(() => server);
        services.AddMediator(mediator => mediator.AddConsumer<Pay>());
        await using var provider = services.BuildServiceProvider();
        var mediator = provider.GetRequiredService<IMediator>();
        for (var call = 0; call < 10; call++)
            await Assert.ThrowsAsync<HttpRequestException>(() => mediator.Send(new Payment(call), TestContext.Current.CancellationToken));

        var refusal = await Assert.ThrowsAsync<BreakerOpenException>(() => mediator.Send(new Payment(10), TestContext.Current.CancellationToken));
        Assert.Equal("payments", refusal.Breaker);
        Assert.Equal(10, server.Requests);
    }

    public sealed record Payment(int Number);

    public sealed class Pay(IHttpClientFactory clients) : IConsumer<Payment>
    {
        public async Task Consume(ConsumeContext<Payment> context)
        {
            using var client = clients.CreateClient("payments");
            using var response = await client.GetAsync(new Uri("http://payments/"), context.CancellationToken);
            response.EnsureSuccessStatusCode();
        }
    }

    sealed class Server : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.InternalServerError));
        }
    }
}
