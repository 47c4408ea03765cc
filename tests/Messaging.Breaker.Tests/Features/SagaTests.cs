using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public sealed record OrderSubmitted(Guid CorrelationId, int Number) : CorrelatedBy<Guid>;

public sealed record OrderPaid(Guid CorrelationId, int Number) : CorrelatedBy<Guid>;

public sealed class Order : SagaStateMachineInstance
{
    public Guid CorrelationId { get; set; }

    public string CurrentState { get; set; } = "";

    public int Transitions { get; set; }
}

public class SagaTests
{
    readonly Guid[] _orders = [.. Enumerable.Range(0, 12).Select(_ => Guid.NewGuid())];
    readonly InMemorySagaRepository<Order> _repository = new();

    [Fact]
    public async Task An_outage_in_an_activity_dead_letters_nothing_and_leaves_each_saga_in_the_right_state()
    {
        await using var pipeline = await StartAsync(Pipeline.Works);
        await SendAsync(pipeline, (id, number) => new OrderSubmitted(id, number));
        await UntilInAsync("Submitted");

        pipeline.Dependency = Pipeline.Fails;
        await SendAsync(pipeline, (id, number) => new OrderPaid(id, 100 + number));
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        Assert.All(_orders, id => Assert.Equal("Submitted", Find(id).CurrentState));

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => _orders.All(id => Find(id).CurrentState == "Paid"), "all orders to be paid");
        Assert.All(_orders, id => Assert.Equal(2, Find(id).Transitions));
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_conflict_of_the_repository_is_not_the_dependencys_failure()
    {
        await using var pipeline = await StartAsync((_, _) => throw new InvalidOperationException("save", new DbUpdateConcurrencyException()));
        await SendAsync(pipeline, (id, number) => new OrderSubmitted(id, number));
        await pipeline.UntilCalledAsync(_orders.Length);
        await Eventually.Is(() => pipeline.UnderWay, underWay => underWay == 0, "the failures to be over");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
        Assert.Equal(0, pipeline.Breaker.GetSnapshot().Window.Failures);
    }

    [Fact]
    public async Task A_saga_is_guarded_by_the_attribute_of_its_state_machine()
    {
        await using var pipeline = await StartAsync(Pipeline.Works);
        Assert.Equal(["endpoint.work", "first", "second"], pipeline.Endpoints.Endpoints[0].Breakers.Order());
    }

    Task<Pipeline> StartAsync(Func<Work, CancellationToken, Task> dependency) => Pipeline.StartAsync(
        dependency,
        consume: (pipeline, _, endpoint) =>
        {
            endpoint.StateMachineSaga(new OrderStateMachine(pipeline), _repository);
        });

    async Task SendAsync<T>(Pipeline pipeline, Func<Guid, int, T> message) where T : class
    {
        var endpoint = await pipeline.Bus.GetSendEndpoint(new Uri($"queue:{Pipeline.Queue}"));
        for (var number = 0; number < _orders.Length; number++)
            await endpoint.Send(message(_orders[number], number));
    }

    Task UntilInAsync(string state) => Eventually.Is(() => _orders.All(id => Find(id)?.CurrentState == state), $"all orders to be {state}");

    Order Find(Guid id) => _repository[id]?.Instance!;

    [GuardedBy("second")]
    sealed class OrderStateMachine : MassTransitStateMachine<Order>
    {
        public OrderStateMachine(Pipeline pipeline)
        {
            InstanceState(order => order.CurrentState);
            Initially(When(OrderSubmitted).ThenAsync(context => CallAsync(pipeline, context, context.Message.Number)).TransitionTo(Submitted));
            During(Submitted, When(OrderPaid).ThenAsync(context => CallAsync(pipeline, context, context.Message.Number)).TransitionTo(Paid));
        }

        public State Submitted { get; private set; } = null!;

        public State Paid { get; private set; } = null!;

        public Event<OrderSubmitted> OrderSubmitted { get; private set; } = null!;

        public Event<OrderPaid> OrderPaid { get; private set; } = null!;

        static async Task CallAsync(Pipeline pipeline, BehaviorContext<Order> context, int number)
        {
            await pipeline.HandleAsync(new Work(number), context.CancellationToken);
            context.Saga.Transitions++;
        }
    }

    sealed class DbUpdateConcurrencyException : Exception;
}
