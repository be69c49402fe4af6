#include "bench/workload.h"
#include <stddef.h>

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨",   "黄",   "赵",  "吴",
                                       "周", "徐", "孙", "马", "朱", "胡",   "郭",   "何",  "林",
                                       "高", "罗", "郑", "梁", "谢", "宋",   "唐",   "许",  "邓",
                                       "冯", "韩", "曹", "曾", "彭", "欧阳", "诸葛", "上官"};
static const char *const given[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳",
                                    "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "桂", "英", "华", "玉",
                                    "萍", "红", "鹏", "飞", "鑫", "波", "斌", "宇", "浩", "凯", "雪", "琳",
                                    "晨", "怡", "婷", "梓", "涵", "轩", "瑞", "博", "文", "昊", "天", "嘉",
                                    "诗", "雨", "欣", "悦", "思", "彤", "靖", "淇"};
static const char *const specialties[] = {
    "材料科学与工程",   "临床医学检验技术", "小学语文",       "水利水电工程施工管理",
    "计算机软件与应用", "园林绿化",         "新闻编辑",       "中药学",
    "道路与桥梁工程",   "档案管理",         "农产品质量安全", "环境影响评价"};
static const char *const titles[] = {"正高级工程师", "主任医师", "一级教师",   "高级农艺师",
                                     "副研究馆员",   "主任药师", "高级经济师", "工程师"};
static const char *const places[] = {"合肥", "芜湖", "蚌埠", "淮南", "马鞍山", "淮北", "铜陵", "安庆",
                                     "黄山", "滁州", "阜阳", "宿州", "六安",   "亳州", "池州", "宣城"};
static const char *const employers[] = {
    "虚构软件科技有限公司",     "测试人民医院（虚构）", "第三虚构中学",      "虚构水利勘测设计研究院",
    "测试园林建设集团有限公司", "虚构农业技术推广中心", "测试日报社（虚构）"};

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* A number that jumps about but is the same in each run (a step of SplitMix64). */
static int pick(int i, int salt, int below)
{
    uint64_t z = ((uint64_t)(uint32_t)i << 8 | (uint32_t)salt) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (int)((z ^ (z >> 31)) % (uint64_t)below);
}

void workload_order(struct buf *json, const char *profile, int i)
{
    buf_printf(json, "{\"profile\":\"%s\",\"biz_no\":\"bench-%07d\",\"name\":\"%s%s%s\",\"gender\":\"%s\",",
               profile, i, surnames[pick(i, 1, COUNT(surnames))], given[pick(i, 2, COUNT(given))],
               given[pick(i, 3, COUNT(given))], pick(i, 4, 2) ? "男" : "女");
    /* An officer's card: its number has no check digit to get right. */
    buf_printf(json, "\"birth_date\":\"%d-%02d-%02d\",\"id_type\":\"军官证\",\"id_number\":\"南字第%08d号\",",
               1960 + pick(i, 5, 40), 1 + pick(i, 6, 12), 1 + pick(i, 7, 28), 10000000 + i);
    buf_printf(
        json, "\"series\":{\"code\":\"04\",\"name\":\"工程技术人员\"},\"specialty\":\"%s\",\"title\":\"%s\",",
        specialties[pick(i, 8, COUNT(specialties))], titles[pick(i, 9, COUNT(titles))]);
    buf_printf(
        json,
        "\"level\":\"正高级\",\"year\":2025,\"obtain_mode\":\"评审\",\"obtained_date\":\"2025-12-%02d\",",
        1 + pick(i, 10, 28));
    buf_printf(
        json,
        "\"approval_no\":\"皖测社秘〔2026〕%d号\",\"issue_date\":\"2026-01-%02d\",\"employer\":\"%s%s\"}",
        1 + pick(i, 11, 900), 1 + pick(i, 12, 28), places[pick(i, 13, COUNT(places))],
        employers[pick(i, 14, COUNT(employers))]);
}
