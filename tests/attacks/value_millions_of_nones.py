# expect: fail, output, memory
# Small to send, huge to take apart: once it took the supervisor's memory instead of the program's.
answer = [None] * 3900000
def add(a, b):
    return answer
