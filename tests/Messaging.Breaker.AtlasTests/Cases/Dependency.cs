using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.AtlasTests.Cases;

/// <summary>A dependency and its client for one case. It works until it is made to fail.</summary>
public abstract class Dependency : IAsyncDisposable
{
    /// <summary>The breaker's name.</summary>
    public const string Name = "dependency";

    volatile bool _isDown;

    /// <summary>Whether a message's call fails even while the dependency works.</summary>
    public Func<int, bool> IsBad { get; set; } = _ => false;

    /// <summary>Whether the client's calls are attributed to the breaker.</summary>
    public bool IsAttributed { get; set; }

    /// <summary>Adds the client to the worker's services.</summary>
    public virtual void AddTo(IServiceCollection services)
    {
        // Most clients need no service.
    }

    /// <summary>Configures its breaker.</summary>
    public virtual void Configure(BreakerOptions options)
    {
        // The defaults suit most.
    }

    /// <summary>What the handler of a message does.</summary>
    public abstract Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken);

    public virtual Task FailAsync()
    {
        _isDown = true;
        return Task.CompletedTask;
    }

    public virtual Task RecoverAsync()
    {
        _isDown = false;
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual ValueTask RemoveAsync() => ValueTask.CompletedTask;

    /// <summary>Makes a call with a client for which the library has no handler.</summary>
    protected async Task CallAsync(IServiceProvider services, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        if (IsAttributed)
            await services.GetRequiredService<IBreakerRegistry>()[Name].ExecuteAsync(async token => await call(token), cancellationToken);
        else
            await call(cancellationToken);
    }

    /// <summary>Whether the call of this message fails.</summary>
    protected bool Fails(int number) => _isDown || IsBad(number);

    /// <summary>How long its client waits. A healthy call must not fail because the machine is busy.</summary>
    protected TimeSpan TimeoutOf(int number) => TimeSpan.FromSeconds(Fails(number) ? 1 : 30);
}
