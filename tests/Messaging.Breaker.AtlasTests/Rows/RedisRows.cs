using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.IntegrationTests.Sharing;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>How a Redis server fails. The client is StackExchange.Redis with a time-out of one second.</summary>
static class RedisRows
{
    const string Group = "Redis";
    const string User = "worker";
    const string Password = "secret";
    const string WholeOnly = "it happens to the server, not to a message";

    public static IEnumerable<Row> All =>
    [
        Failing("the server is down", "the exception", node => node.KillAsync(), node => node.StartAsync()),
        Failing("it hangs", "the client's timeout", node => node.PauseAsync(), node => node.ResumeAsync()),
        Failing("it has become a read-only replica", "the exception", node => node.RunAsync("REPLICAOF", "127.0.0.1", "1"), node => node.RunAsync("REPLICAOF", "NO", "ONE")),
        Failing("it is out of memory", "the exception", node => node.RunAsync("CONFIG", "SET", "maxmemory", "1"), node => node.RunAsync("CONFIG", "SET", "maxmemory", "0")),
        Failing("the password has been changed", "the exception", node => SetPasswordAsync(node, "changed"), node => SetPasswordAsync(node, Password)),
        Failing("it cannot write to its disk", "the exception",
            node => node.RunAsync("CONFIG", "SET", "min-replicas-to-write", "1"), node => node.RunAsync("CONFIG", "SET", "min-replicas-to-write", "0")),
        new(Group, "the key holds another type of value", "no message gets through", () => CreateAsync("wrong-type")),
    ];

    static Row Failing(string fails, string recognised, Func<RedisNode, Task> fail, Func<RedisNode, Task> recover) =>
        new(Group, fails, recognised, () => CreateAsync(null, fail, recover)) { WholeOnly = WholeOnly };

    static async Task<Dependency> CreateAsync(string? badKey, Func<RedisNode, Task>? fail = null, Func<RedisNode, Task>? recover = null)
    {
        var node = await RedisNode.StartNewAsync();
        // A client that fails to log in continues as this user.
        await node.RunAsync("ACL", "SETUSER", "default", "-@write");
        await SetPasswordAsync(node, Password);
        return new RedisDependency(node, badKey, fail, recover);
    }

    /// <summary>Sets the password of the worker's user and closes its connections.</summary>
    static async Task SetPasswordAsync(RedisNode node, string password)
    {
        await node.RunAsync("ACL", "SETUSER", User, "on", "resetpass", $">{password}", "allkeys", "allchannels", "allcommands");
        await node.RunAsync("CLIENT", "KILL", "TYPE", "normal");
    }

    sealed class RedisDependency(RedisNode node, string? badKey, Func<RedisNode, Task>? fail, Func<RedisNode, Task>? recover) : Dependency
    {
        public override void AddTo(IServiceCollection services) => services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var options = ConfigurationOptions.Parse($"{node.Address},user={User},password={Password},abortConnect=false,connectTimeout=1000");
            options.AsyncTimeout = badKey is null ? 1_000 : 30_000;
            options.ReconnectRetryPolicy = new LinearRetry(200);
            return ConnectionMultiplexer.Connect(options);
        });

        public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken) =>
            CallAsync(services, _ => WriteAsync(services.GetRequiredService<IConnectionMultiplexer>().GetDatabase(), number), cancellationToken);

        public override async Task FailAsync()
        {
            await base.FailAsync();
            await (fail?.Invoke(node) ?? Task.CompletedTask);
        }

        public override async Task RecoverAsync()
        {
            await base.RecoverAsync();
            await (recover?.Invoke(node) ?? Task.CompletedTask);
        }

        protected override ValueTask RemoveAsync() => node.DisposeAsync();

        async Task WriteAsync(IDatabase redis, int number)
        {
            if (badKey is not null && Fails(number))
            {
                await redis.StringSetAsync(badKey, "text");
                await redis.ListRightPushAsync(badKey, number);
            }

            await redis.StringSetAsync($"order:{number}", number);
        }
    }
}
