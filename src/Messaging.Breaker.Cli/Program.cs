using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Output;

using var stop = new StopSignal();
return await Runner.RunAsync(args, Surroundings.OfProcess(), stop.Token);
