#pragma once

// Code that tests call, each line a number of times that no other way to run the same tests may change, except:
//   "once"  set-ups, of a suite, a run or a process, may be counted more often, but are never lost
//   "dies"  what a process that crashes was at is not counted

int add(int a, int b);
int sum_below(int n);
int before_main();
void set_up_suite();
void set_up_run();
void die_if_asked();
